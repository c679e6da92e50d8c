//! Lineage as a picture that a browser, a wiki or a slide shows: it needs nothing but itself, and follows the reader's light or dark theme.

use console::measure_text_width;
use quick_xml::Writer;
use quick_xml::events::BytesText;

use super::{Shown, name, short};
use crate::analyze::{ColumnId, Edge, EdgeKind};
use crate::base::{IndexMap, IndexSet};
use crate::docs::layout::{Corner, Size, layered};
use crate::engine::analysis::Flow;
use crate::manifest::UniqueId;

/// The width of a letter and the height of a line, in pixels: of a font whose letters are all alike.
const LETTER: f64 = 7.25;
const LINE: f64 = 20.0;
/// How far below the middle of a line its letters stand.
const BASELINE: f64 = 4.0;
/// The space round a text in a box, and round the picture.
const PADDING: f64 = 12.0;
const MARGIN: f64 = 20.0;

/// A colour for each kind of resource, a line for each kind of edge; then the colours of a dark theme. Without variables, which browsers
/// know and most other programs do not.
const STYLE: &str = "\
text{font:12px ui-monospace,SFMono-Regular,Menlo,Consolas,'DejaVu Sans Mono',monospace;fill:#1f2328}\
.paper{fill:#fff}.box{fill:#fff;stroke:#c9ced6}.name{font-weight:600}.asked{font-weight:600;fill:#0969da}.key{fill:#59636e}\
.source{fill:#1a7f37}.seed{fill:#9a6700}.model{fill:#0969da}.snapshot{fill:#8250df}\
path{fill:none;stroke:#7d8590;stroke-width:1.25}.transform{stroke:#0969da}.aggregate{stroke:#0969da;stroke-width:2.5}\
.influence{stroke-dasharray:3 3}\
@media(prefers-color-scheme:dark){text{fill:#e6edf3}.paper{fill:#0d1117}.box{fill:#161b22;stroke:#3d444d}\
.asked{fill:#58a6ff}.key{fill:#9198a1}.source{fill:#3fb950}.seed{fill:#d29922}.model{fill:#58a6ff}.snapshot{fill:#bc8cff}\
path{stroke:#6e7681}.transform,.aggregate{stroke:#58a6ff}}";

/// A box for each node with its columns, and a line for each edge.
#[must_use]
pub fn svg(shown: &Shown<'_>) -> String {
    let edges = shown.edges();
    let picture = Picture::of(shown, &edges);
    let mut svg = Writer::new(Vec::new());
    // Writing to memory does not fail.
    let _ = picture.write(&mut svg, &edges);
    String::from_utf8_lossy(&svg.into_inner()).into_owned()
}

/// Where everything stands.
struct Picture<'a> {
    title: String,
    boxes: IndexMap<&'a UniqueId, Drawn<'a>>,
    asked: IndexSet<&'a ColumnId>,
    size: Size,
}

/// A node that is drawn.
struct Drawn<'a> {
    columns: Vec<&'a ColumnId>,
    corner: Corner,
    size: Size,
}

impl<'a> Picture<'a> {
    fn of(shown: &'a Shown<'_>, edges: &[&'a Edge]) -> Self {
        let mut boxes: IndexMap<&UniqueId, Drawn<'_>> =
            shown.nodes(edges).into_iter().map(|(node, columns)| (node, Drawn::of(node, columns))).collect();
        let place = |column: &ColumnId| boxes.get_index_of(&column.node);
        let joined: IndexSet<(usize, usize)> =
            edges.iter().filter_map(|edge| Some((place(&edge.from)?, place(&edge.to)?))).collect();
        let sizes: Vec<Size> = boxes.values().map(|drawn| drawn.size).collect();
        let (corners, whole) = layered(&sizes, &joined.into_iter().collect::<Vec<_>>());
        for (drawn, corner) in boxes.values_mut().zip(corners) {
            drawn.corner = Corner { x: corner.x + MARGIN, y: corner.y + MARGIN };
        }
        // The key stands below.
        let (width, height) = (whole.width + 2.0 * MARGIN, whole.height + 2.0 * MARGIN + 2.0 * LINE);
        let asked: IndexSet<&ColumnId> = shown.columns.iter().map(|column| &column.id).collect();
        let nodes: IndexSet<&UniqueId> = asked.iter().map(|column| &column.node).collect();
        let title = match (shown.columns.as_slice(), nodes.as_slice()) {
            ([column], _) => name(&column.id),
            (_, nodes) if nodes.len() <= 3 => nodes.iter().map(|node| short(node)).collect::<Vec<_>>().join(", "),
            (_, nodes) => format!("{} nodes", nodes.len()),
        };
        Picture { title, boxes, asked, size: Size { width: width.max(420.0), height } }
    }

    fn write(&self, svg: &mut Writer<Vec<u8>>, edges: &[&Edge]) -> std::io::Result<()> {
        let Size { width, height } = self.size;
        svg.create_element("svg")
            .with_attribute(("xmlns", "http://www.w3.org/2000/svg"))
            .with_attribute(("role", "img"))
            .with_attribute(("width", number(width).as_str()))
            .with_attribute(("height", number(height).as_str()))
            .with_attribute(("viewBox", format!("0 0 {width} {height}").as_str()))
            .write_inner_content(|svg| {
                text(svg, "title", &format!("Lineage of {}", self.title))?;
                text(svg, "style", STYLE)?;
                let paper = svg.create_element("rect").with_attribute(("class", "paper"));
                paper.with_attribute(("width", "100%")).with_attribute(("height", "100%")).write_empty()?;
                edges.iter().try_for_each(|edge| self.line(svg, edge))?;
                self.boxes.iter().try_for_each(|(node, drawn)| drawn.write(svg, node, &self.asked))?;
                self.key(svg, edges)
            })
            .map(|_| ())
    }

    /// From the right of one column to the left of the other.
    fn line(&self, svg: &mut Writer<Vec<u8>>, edge: &Edge) -> std::io::Result<()> {
        let (Some(from), Some(to)) = (self.boxes.get(&edge.from.node), self.boxes.get(&edge.to.node)) else {
            return Ok(());
        };
        let (start, end) = (from.corner.x + from.size.width, to.corner.x);
        let (high, low) = (from.row(&edge.from.column), to.row(&edge.to.column));
        let bend = (end - start).abs().max(48.0) / 2.0;
        let path = format!("M{start} {high}C{} {high} {} {low} {end} {low}", start + bend, end - bend);
        let said = format!("{} → {} ({})", name(&edge.from), name(&edge.to), edge.kind.as_str());
        let line = svg.create_element("path").with_attribute(("class", class(edge.kind)));
        line.with_attribute(("d", path.as_str())).write_inner_content(|svg| text(svg, "title", &said))?;
        Ok(())
    }

    /// What the lines mean, as far as they are there.
    fn key(&self, svg: &mut Writer<Vec<u8>>, edges: &[&Edge]) -> std::io::Result<()> {
        let kinds: IndexSet<&str> = edges.iter().map(|edge| class(edge.kind)).collect();
        let height = self.size.height - MARGIN;
        let mut left = MARGIN;
        for kind in ["identity", "transform", "aggregate", "influence"].into_iter().filter(|kind| kinds.contains(kind))
        {
            let path = format!("M{left} {height}h28");
            svg.create_element("path")
                .with_attribute(("class", kind))
                .with_attribute(("d", path.as_str()))
                .write_empty()?;
            label(svg, (left + 36.0, height), "key", kind)?;
            left += 36.0 + letters(kind) + 2.0 * PADDING;
        }
        Ok(())
    }
}

impl<'a> Drawn<'a> {
    fn of(node: &UniqueId, columns: Vec<&'a ColumnId>) -> Self {
        let names = columns.iter().map(|column| column.column.as_str());
        let widest = names.chain([short(node)]).map(letters).fold(0.0, f64::max);
        // One line more for the name.
        let lines = columns.iter().fold(1.5, |lines, _| lines + 1.0);
        let size = Size { width: (widest + 2.5 * PADDING).ceil(), height: lines * LINE + PADDING / 2.0 };
        Drawn { columns, corner: Corner::default(), size }
    }

    /// The middle of a column's line.
    fn row(&self, column: &str) -> f64 {
        let above = self.columns.iter().take_while(|known| known.column != column).fold(2.0, |lines, _| lines + 1.0);
        self.corner.y + above * LINE
    }

    fn write(&self, svg: &mut Writer<Vec<u8>>, node: &UniqueId, asked: &IndexSet<&ColumnId>) -> std::io::Result<()> {
        let Corner { x, y } = self.corner;
        let kind = node.as_str().split('.').next().unwrap_or_default();
        let frame = |svg: &mut Writer<Vec<u8>>, class: &str, width: f64| {
            svg.create_element("rect")
                .with_attribute(("class", class))
                .with_attribute(("x", number(x).as_str()))
                .with_attribute(("y", number(y).as_str()))
                .with_attribute(("width", number(width).as_str()))
                .with_attribute(("height", number(self.size.height).as_str()))
                .with_attribute(("rx", "4"))
                .write_empty()
                .map(|_| ())
        };
        frame(svg, "box", self.size.width)?;
        frame(svg, kind, 4.0)?;
        label(svg, (x + 1.25 * PADDING, y + LINE * 0.8), "name", short(node))?;
        for column in &self.columns {
            let class = if asked.contains(column) { "asked" } else { "column" };
            label(svg, (x + 1.25 * PADDING, self.row(&column.column)), class, &column.column)?;
        }
        Ok(())
    }
}

/// How an edge is drawn.
fn class(kind: EdgeKind) -> &'static str {
    match kind {
        EdgeKind::Flow(Flow::Identity) => "identity",
        EdgeKind::Flow(Flow::Transform) => "transform",
        EdgeKind::Flow(Flow::Aggregate) => "aggregate",
        EdgeKind::Influence(_) => "influence",
    }
}

fn label(svg: &mut Writer<Vec<u8>>, (x, y): (f64, f64), class: &str, written: &str) -> std::io::Result<()> {
    let label = svg.create_element("text").with_attribute(("class", class));
    // Programs differ in where they put the middle of a text.
    let label = label.with_attribute(("x", number(x).as_str())).with_attribute(("y", number(y + BASELINE).as_str()));
    label.write_text_content(BytesText::new(&printable(written))).map(|_| ())
}

fn text(svg: &mut Writer<Vec<u8>>, element: &str, written: &str) -> std::io::Result<()> {
    svg.create_element(element).write_text_content(BytesText::new(&printable(written))).map(|_| ())
}

/// XML has no place for letters that are not printed, not even by their numbers.
fn printable(text: &str) -> String {
    text.replace(|letter: char| letter.is_control() || matches!(letter, '\u{FFFE}' | '\u{FFFF}'), " ")
}

fn letters(text: &str) -> f64 {
    f64::from(u32::try_from(measure_text_width(text)).unwrap_or(u32::MAX)) * LETTER
}

fn number(number: f64) -> String {
    format!("{number}")
}
