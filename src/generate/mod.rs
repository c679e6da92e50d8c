//! Data to try the tool on, at any size: the raw files of the example project, many times over.
//!
//! The files that the repository holds are the first copy, byte for byte. Each further copy is another branch of the same company:
//! its customers, orders, visitors and requests have keys of their own, and their clocks and latencies differ a little. So
//! whatever is wrong with the rows of the example is wrong with as large a share of the rows at every scale. Two faults are not
//! multiplied, since somebody looks at each of them and the tests of the example count them: orders of a day that does not exist,
//! and customers without an address. What a company has once stays as it is: the catalogue, the exchange rates, the projects and
//! the people who work on them.
//!
//! Nothing is drawn in sequence: what differs is a hash of seed, copy and key. So rows that repeat one another still do, files are
//! written side by side, and the memory that is held does not depend on the scale.

mod feeds;
mod files;
mod lines;
mod project_events;
mod replica;
mod row;
mod stock_movements;

#[cfg(test)]
mod tests;

use std::io;
use std::path::{Path, PathBuf};

use rayon::prelude::*;

use crate::source::World;

use replica::Replica;

/// The raw data of the example project.
#[derive(Clone, Copy, Debug)]
pub struct Retail {
    /// How many copies: 1 is what the repository holds, about 1,900 order lines and 10,800 rows in all.
    pub scale: u32,
    /// What the further copies differ by.
    pub seed: u64,
}

impl Retail {
    /// Writes the files below `folder`, over those that are there. Returns how many.
    ///
    /// # Errors
    /// A file that cannot be written, and why. Those that were written stay.
    pub fn write(self, world: &dyn World, folder: &Path) -> Result<usize, (PathBuf, io::Error)> {
        let files = files::all();
        files.par_iter().try_for_each(|file| {
            let path = folder.join(file.path);
            let written = match self.scale {
                1 => world.write(&path, file.bytes),
                _ => world.write_by(&path, &mut |out| file.feed.write(file.bytes, &self, out)),
            };
            written.map_err(|error| (path, error))
        })?;
        Ok(files.len())
    }

    /// The copies that are not the first.
    fn replicas(&self) -> impl Iterator<Item = Replica> + use<> {
        let seed = self.seed;
        (1..self.scale).map(move |number| Replica::new(number, seed))
    }
}
