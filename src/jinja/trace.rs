//! Where the text of a rendering comes from: which stretch of which file printed it, through loops and macros.
//!
//! The code of a [traced](super::Environment::traced) environment prints marks along with the text: where each line of plain text stands,
//! and around what an expression prints the place of the expression. Marks are characters for private use, so they go where the text goes:
//! into variables, through filters, out of macros. [`Trace::read`] takes them out again.
//!
//! What a template does with a text it does with its marks, too: it may count them, or compare a text with another. So a trace is only
//! right where its text is that of a rendering without marks; whoever asks for one has both.

use std::borrow::Cow;
use std::ops::Range;

use crate::source::{FileId, Span};

/// What begins a mark: of plain text, of what an expression prints, and of its end.
const PLAIN: char = '\u{F0000}';
const OPEN: char = '\u{F0001}';
const CLOSE: char = '\u{F0002}';
/// What stands behind each number of a mark, and the digit 0 of them.
const STOP: char = '\u{F0003}';
const ZERO: u32 = 0xF0010;
const BASE: u32 = 16;

/// A text and where it comes from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Trace {
    /// The text, without marks.
    pub text: String,
    /// Stretches of the text, in order.
    pieces: Vec<Piece>,
}

/// A stretch of text that goes on to the next one.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Piece {
    /// Its first byte in the text.
    start: usize,
    /// The expressions that it is printed by, outermost first.
    inside: Vec<Span>,
    /// Where it stands itself, as it is, if it is plain text: the first byte.
    plain: Option<(FileId, usize)>,
}

impl Trace {
    /// Takes the marks out of a text; `None` if something was done to them.
    #[must_use]
    pub fn read(marked: &str) -> Option<Self> {
        let mut trace = Trace::default();
        // The expressions that are open.
        let mut inside: Vec<Span> = Vec::new();
        let mut rest = marked;
        while let Some(c) = rest.chars().next() {
            rest = &rest[c.len_utf8()..];
            match c {
                PLAIN => {
                    let place = (FileId::from_number(number(&mut rest)?), number(&mut rest)? as usize);
                    trace.begin(&inside, Some(place));
                }
                OPEN => {
                    let file = FileId::from_number(number(&mut rest)?);
                    let (start, end) = (number(&mut rest)?, number(&mut rest)?);
                    inside.push(Span { file, start, end });
                    trace.begin(&inside, None);
                }
                CLOSE => {
                    inside.pop()?;
                    // What follows is plain text with a mark of its own, or white space before that.
                    trace.begin(&inside, None);
                }
                c if is_mark(c) => return None,
                c => trace.text.push(c),
            }
        }
        inside.is_empty().then_some(trace)
    }

    fn begin(&mut self, inside: &[Span], plain: Option<(FileId, usize)>) {
        self.pieces.push(Piece { start: self.text.len(), inside: inside.to_vec(), plain });
    }

    /// The places that a byte of the text comes from, outermost first: those of the expressions that print it, and the first byte of
    /// the rest of its line where it stands as it is. Empty where that is not known.
    #[must_use]
    pub fn at(&self, offset: usize) -> Vec<Span> {
        let after = self.pieces.partition_point(|piece| piece.start <= offset);
        let Some(piece) = after.checked_sub(1).and_then(|at| self.pieces.get(at)) else { return Vec::new() };
        let plain = piece.plain.map(|(file, start)| {
            let at = start + (offset - piece.start);
            Span::new(file, at..at)
        });
        piece.inside.iter().copied().chain(plain).collect()
    }
}

/// Plain text with marks; `place` tells where a range of it stands.
pub(super) fn plain(text: &str, place: impl Fn(Range<usize>) -> Span) -> String {
    let mut marked = String::with_capacity(text.len() + 32);
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        // A mark does not keep filters from white space at the ends of a text.
        let blank = line.len() - line.trim_start().len();
        marked.push_str(&line[..blank]);
        if blank < line.len() {
            let at = place(start + blank..start + line.len());
            mark(&mut marked, PLAIN, &[at.file.number(), at.start]);
            marked.push_str(&line[blank..]);
        }
        start += line.len();
    }
    marked.replace("\r\n", "\n")
}

/// What an expression printed, with marks.
pub(super) fn printed(text: &str, span: Span) -> String {
    let inner = text.trim();
    if inner.is_empty() {
        return text.to_owned();
    }
    let start = text.len() - text.trim_start().len();
    let mut marked = String::with_capacity(text.len() + 48);
    marked.push_str(&text[..start]);
    mark(&mut marked, OPEN, &[span.file.number(), span.start, span.end]);
    marked.push_str(inner);
    marked.push(CLOSE);
    marked.push_str(&text[start + inner.len()..]);
    marked
}

/// A text without the marks of a traced rendering, for whoever takes it as it is.
#[must_use]
pub fn unmarked(text: &str) -> Cow<'_, str> {
    match text.contains(is_mark) {
        true => Cow::Owned(text.replace(is_mark, "")),
        false => Cow::Borrowed(text),
    }
}

fn is_mark(c: char) -> bool {
    (u32::from(PLAIN)..ZERO + BASE).contains(&u32::from(c))
}

fn mark(out: &mut String, kind: char, numbers: &[u32]) {
    out.push(kind);
    for number in numbers {
        let digits = (0..u32::BITS / 4).rev().map(|at| (number >> (4 * at)) % BASE).skip_while(|digit| *digit == 0);
        out.extend(digits.filter_map(|digit| char::from_u32(ZERO + digit)));
        out.push(STOP);
    }
}

/// The number at the beginning of the rest of a text, which is taken from there.
fn number(rest: &mut &str) -> Option<u32> {
    let (digits, behind) = rest.split_once(STOP)?;
    *rest = behind;
    digits.chars().try_fold(0_u32, |number, digit| {
        let digit = u32::from(digit).checked_sub(ZERO).filter(|digit| *digit < BASE)?;
        number.checked_mul(BASE)?.checked_add(digit)
    })
}
