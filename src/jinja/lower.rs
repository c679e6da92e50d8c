//! Rewrites minijinja's instructions where dbt's Jinja means something else.
//!
//! The code generator is minijinja's; between it and its machine stands this pass. It changes:
//!
//! - literals and results of operators that are lists or dicts, which become changeable (`collection`);
//! - operators, comparisons and slices, which work as Python's do, also on objects of the floors above;
//! - macros and call blocks inside a template, which become our own callables (`callable`), because minijinja's are bound to
//!   the run that defined them;
//! - the printing of a name that nothing defines, which the user is told of;
//! - in a template that is only read for what it refers to, calls of what nothing defines, which do nothing;
//! - the values of `do`, which are dropped;
//! - in a value of YAML, printing, which keeps account of the pieces.
//!
//! Where the machine has to do something new, a constant that holds an [`Operation`] is put on the stack and called.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use minijinja::machinery::{Instruction, Instructions};
use minijinja::value::{Value, ValueKind};

use crate::base::HashSet;
use crate::diagnostic::Diagnostic;
use crate::jinja::code::{BoundParameter, Code, Compiler, DefaultValue, Definition, Place, Uses};
use crate::jinja::frame::Mode;
use crate::jinja::grammar::Head;
use crate::jinja::header::ParameterRange;
use crate::jinja::native::Literal;
use crate::jinja::operation::Operation;
use crate::jinja::prepare::wide_integer;
use crate::jinja::python::{Arithmetic, Comparison};
use crate::jinja::trace;
use crate::source::Span;

/// What is rewritten.
pub(super) struct Source<'a, 's> {
    /// What the code generator made.
    pub(super) instructions: &'a Instructions<'s>,
    /// The parameters of the macros and call blocks in the order of the text.
    pub(super) heads: &'a [Head],
    /// Tags whose value is dropped.
    pub(super) silent: &'a [Range<usize>],
    /// The text that the instructions are made of.
    pub(super) prepared: &'a str,
    /// The text as the user wrote it, with the same offsets.
    pub(super) text: &'a str,
    /// Where it stands.
    pub(super) place: Place,
}

/// Rewrites everything.
pub(super) fn lower(source: &Source<'_, '_>, compiler: Compiler<'_>) -> Result<(Code, Uses), Diagnostic> {
    let map = Map::of(source.instructions);
    let pass = Pass { source, compiler, map: &map, text: Arc::from(source.text) };
    pass.rewrite(0..map.length, compiler.mode == Mode::Native)
}

/// A macro or call block among the instructions.
struct Region<'s> {
    name: &'s str,
    /// The body, behind the instructions that store the arguments.
    body: Range<u32>,
    /// The instruction that makes the macro.
    last: u32,
    parameters: Vec<String>,
    /// Which of the text's heads is its own.
    head: usize,
    /// The names of the surrounding code that the body asks for.
    free: Vec<&'s str>,
}

/// What has to be known before rewriting starts.
struct Map<'s> {
    length: u32,
    /// By the instruction that jumps over the body.
    regions: BTreeMap<u32, Region<'s>>,
    /// Every name that the template sets anywhere.
    assigned: HashSet<&'s str>,
}

impl<'s> Map<'s> {
    fn of(instructions: &Instructions<'s>) -> Self {
        let mut map = Map { length: 0, regions: BTreeMap::new(), assigned: HashSet::default() };
        while let Some(instruction) = instructions.get(map.length) {
            match instruction {
                Instruction::StoreLocal(name) => drop(map.assigned.insert(name)),
                Instruction::BuildMacro(name, offset, _) => map.add_region(instructions, name, *offset),
                _ => {}
            }
            map.length += 1;
        }
        for (head, region) in map.regions.values_mut().enumerate() {
            region.head = head;
        }
        map
    }

    /// The generator lays a macro out as: jump to `end`, store the arguments, body, return; `end`: enclose each free name,
    /// get the closure, load the parameters' names, build.
    fn add_region(&mut self, instructions: &Instructions<'s>, name: &'s str, offset: u32) {
        let last = self.length;
        let Some(Instruction::Jump(end)) = instructions.get(offset.wrapping_sub(1)) else { return };
        let Some(Instruction::LoadConst(names)) = instructions.get(last - 1) else { return };
        let parameters: Vec<String> =
            names.try_iter().map(|names| names.map(|name| name.to_string()).collect()).unwrap_or_default();
        let free = (*end..last).filter_map(|at| match instructions.get(at) {
            Some(Instruction::Enclose(name)) => Some(*name),
            _ => None,
        });
        let stores = u32::try_from(parameters.len()).unwrap_or(u32::MAX);
        let body = offset + stores..end - 1;
        self.regions.insert(offset - 1, Region { name, body, last, parameters, head: 0, free: free.collect() });
    }
}

#[derive(Clone)]
struct Pass<'a, 's> {
    source: &'a Source<'a, 's>,
    compiler: Compiler<'a>,
    map: &'a Map<'s>,
    text: Arc<str>,
}

impl<'s> Pass<'_, 's> {
    /// Rewrites a stretch of instructions into code of its own, of whose pieces account is kept or not.
    fn rewrite(&self, range: Range<u32>, in_pieces: bool) -> Result<(Code, Uses), Diagnostic> {
        let mut writer = Writer::new(self, range.clone());
        writer.in_pieces = in_pieces;
        let mut at = range.start;
        while at < range.end {
            at = writer.instruction(at)?;
        }
        let (instructions, uses) = writer.finish();
        let code = Code { instructions, place: self.source.place, text: Arc::clone(&self.text) };
        Ok((code, uses))
    }

    fn definition(&self, region: &Region<'s>) -> Result<(Definition, Uses), Diagnostic> {
        let (code, uses) = self.rewrite(region.body.clone(), false)?;
        let head = self.source.heads.get(region.head).map(|head| &head.parameters);
        let head = head.filter(|head| head.len() == region.parameters.len());
        let parameters = match head {
            Some(head) => head.iter().map(|parameter| self.parameter(parameter)).collect::<Result<_, _>>()?,
            None => region.parameters.iter().map(|name| self.plain_parameter(name)).collect(),
        };
        Ok((Definition { name: self.intern(region.name), parameters, uses, code }, uses))
    }

    fn parameter(&self, parameter: &ParameterRange) -> Result<BoundParameter, Diagnostic> {
        let name = &self.source.text[parameter.name.clone()];
        self.compiler.parameter(name, parameter.default.clone(), self.source.text, self.source.place)
    }

    fn plain_parameter(&self, name: &str) -> BoundParameter {
        BoundParameter { name: self.intern(name), default: DefaultValue::None }
    }

    fn intern(&self, name: &str) -> &'static str {
        self.compiler.names.intern(name)
    }
}

/// Writes one piece of code.
struct Writer<'p, 'a, 's> {
    pass: &'p Pass<'a, 's>,
    range: Range<u32>,
    out: Instructions<'static>,
    length: u32,
    /// Where each instruction of the source went.
    moved: Vec<u32>,
    /// The instructions with a target that is still one of the source.
    jumps: Vec<(u32, u32)>,
    /// The instruction whose place new instructions get.
    current: u32,
    /// The names set in each loop or `with` that is open here.
    inner: Vec<HashSet<&'s str>>,
    /// The names that macros in this code ask it for.
    shared: HashSet<&'s str>,
    uses: Uses,
    /// Whether account is kept of the pieces that are printed.
    in_pieces: bool,
    /// How many blocks are open whose text is kept for something else.
    captures: usize,
}

impl<'p, 'a, 's> Writer<'p, 'a, 's> {
    fn new(pass: &'p Pass<'a, 's>, range: Range<u32>) -> Self {
        let regions = pass.map.regions.range(range.clone());
        let shared = regions.flat_map(|(_, region)| region.free.iter().copied()).collect();
        Writer {
            pass,
            out: Instructions::new("", ""),
            length: 0,
            moved: Vec::with_capacity(range.len()),
            jumps: Vec::new(),
            current: range.start,
            inner: Vec::new(),
            shared,
            uses: Uses::default(),
            in_pieces: false,
            captures: 0,
            range,
        }
    }

    /// Rewrites the instruction at `at` and gives the one to go on with.
    fn instruction(&mut self, at: u32) -> Result<u32, Diagnostic> {
        self.current = at;
        self.moved.push(self.length);
        if let Some(region) = self.pass.map.regions.get(&at) {
            self.region(region)?;
            // Nothing jumps into a region, but positions are counted.
            self.moved.resize(self.moved.len() + (region.last - at) as usize, self.length);
            return Ok(region.last + 1);
        }
        if let Some(instruction) = self.pass.source.instructions.get(at) {
            self.note(instruction);
            self.write(instruction);
        }
        Ok(at + 1)
    }

    /// Keeps account of names and of the loops that are open.
    fn note(&mut self, instruction: &Instruction<'s>) {
        match instruction {
            Instruction::BeginCapture(_) => self.captures += 1,
            Instruction::EndCapture => self.captures = self.captures.saturating_sub(1),
            Instruction::PushLoop(_) => self.inner.push(HashSet::from_iter(["loop"])),
            Instruction::PushWith => self.inner.push(HashSet::default()),
            Instruction::PopLoopFrame | Instruction::PopFrame => drop(self.inner.pop()),
            Instruction::StoreLocal(name) => {
                if let Some(names) = self.inner.last_mut() {
                    names.insert(name);
                }
            }
            Instruction::Lookup(name) | Instruction::CallFunction(name, _) => match *name {
                "varargs" => self.uses.varargs = true,
                "kwargs" => self.uses.kwargs = true,
                "caller" => self.uses.caller = true,
                _ => {}
            },
            _ => {}
        }
    }

    fn write(&mut self, instruction: &Instruction<'s>) {
        match instruction {
            Instruction::EmitRaw(text) => {
                let text = if self.pass.compiler.is_traced { self.traced(text) } else { text.replace("\r\n", "\n") };
                self.push(Instruction::LoadConst(Value::from(text)));
                self.emit();
            }
            Instruction::Emit if self.is_silent() => self.push(Instruction::DiscardTop),
            Instruction::Emit => {
                if self.pass.compiler.is_traced {
                    self.operate(Operation::Trace(self.printed()));
                }
                self.emit();
            }
            Instruction::Lookup(name) => self.lookup(name),
            Instruction::StoreLocal(name) => self.store(name),
            Instruction::SetAttr(name) => {
                self.push(Instruction::BuildTuple(Some(2)));
                self.operate(Operation::SetAttribute(self.pass.intern(name)));
                self.push(Instruction::DiscardTop);
            }
            Instruction::LoadConst(value) => self.constant(value),
            Instruction::BuildList(Some(_)) | Instruction::BuildMap(_) => self.and_own(instruction),
            Instruction::ApplyFilter(name, ..) => {
                self.and_own(instruction);
                if let Some(literal) = Literal::of(name).filter(|_| self.keeps_pieces() && self.is_last()) {
                    self.operate(Operation::Mark(literal));
                }
            }
            Instruction::Slice => self.collected(Some(4), Operation::Slice),
            Instruction::Neg => self.operate(Operation::Negate),
            Instruction::PushLoop(_) => {
                self.operate(Operation::Walk);
                self.carry(instruction);
            }
            Instruction::CallMethod("cycle", count) => {
                self.push(Instruction::BuildList(count.map(usize::from)));
                self.operate(Operation::Cycle);
            }
            Instruction::Jump(target)
            | Instruction::JumpIfFalse(target)
            | Instruction::JumpIfFalseOrPop(target)
            | Instruction::JumpIfTrueOrPop(target)
            | Instruction::Iterate(target) => {
                self.jumps.push((self.length, *target));
                self.carry(instruction);
            }
            _ => match self.operator(instruction).or_else(|| self.lenient_call(instruction)) {
                Some((count, operation)) => self.collected(count, operation),
                None => self.carry(instruction),
            },
        }
    }

    fn emit(&mut self) {
        if self.keeps_pieces() {
            self.operate(Operation::Piece);
        }
        self.push(Instruction::Emit);
    }

    /// Plain text with the marks of where it stands.
    fn traced(&self, text: &str) -> String {
        let Source { prepared, place, .. } = self.pass.source;
        // It is a part of what the instructions are made of.
        let base = text.as_ptr().addr().saturating_sub(prepared.as_ptr().addr());
        trace::plain(text, |range| place.span(base + range.start..base + range.end))
    }

    /// Whether what is printed here is a piece of the whole.
    fn keeps_pieces(&self) -> bool {
        self.in_pieces && self.captures == 0
    }

    /// Whether the value of this instruction is printed as it is, at the end of a branch or of all of an expression.
    fn is_last(&self) -> bool {
        let instructions = self.pass.source.instructions;
        let mut next = self.current + 1;
        while let Some(Instruction::Jump(target)) = instructions.get(next).filter(|_| next > self.current) {
            next = *target;
        }
        matches!(instructions.get(next), Some(Instruction::Emit))
    }

    /// The operation that an operator stands for, and how many values it takes.
    fn operator(&self, instruction: &Instruction<'s>) -> Option<(Option<usize>, Operation)> {
        let operation = match instruction {
            Instruction::Add if !self.counts() => Operation::Binary(Arithmetic::Add),
            Instruction::Sub => Operation::Binary(Arithmetic::Sub),
            Instruction::Mul => Operation::Binary(Arithmetic::Mul),
            Instruction::Div => Operation::Binary(Arithmetic::Div),
            Instruction::IntDiv => Operation::Binary(Arithmetic::IntDiv),
            Instruction::Rem => Operation::Binary(Arithmetic::Rem),
            Instruction::Pow => Operation::Binary(Arithmetic::Pow),
            Instruction::Eq => Operation::Compare(Comparison::Eq),
            Instruction::Ne => Operation::Compare(Comparison::Ne),
            Instruction::Lt => Operation::Compare(Comparison::Lt),
            Instruction::Lte => Operation::Compare(Comparison::Le),
            Instruction::Gt => Operation::Compare(Comparison::Gt),
            Instruction::Gte => Operation::Compare(Comparison::Ge),
            Instruction::StringConcat => Operation::Concatenate,
            _ => return None,
        };
        Some((Some(2), operation))
    }

    /// In a template that is only read: a call that is no error where nothing defines what is called.
    fn lenient_call(&self, instruction: &Instruction<'s>) -> Option<(Option<usize>, Operation)> {
        if self.pass.compiler.mode != Mode::Reading {
            return None;
        }
        let count = |count: &Option<u16>| count.map(usize::from);
        match instruction {
            Instruction::CallFunction(name, args) if !matches!(*name, "loop" | "super") => {
                Some((count(args), Operation::TryCall(self.pass.intern(name), self.span(name))))
            }
            Instruction::CallMethod(name, args) => {
                let (base, span) = self.base();
                Some((count(args), Operation::TryMethod(self.pass.intern(name), base, span)))
            }
            Instruction::CallObject(args) => Some((count(args), Operation::TryObject)),
            _ => None,
        }
    }

    /// The name of the object whose method is called, where it is no more than a name, and its place; else that of the call.
    fn base(&self) -> (Option<&'static str>, Span) {
        let source = self.pass.source;
        let start = source.instructions.get_span(self.current).map_or(0, |span| span.start_offset as usize);
        let rest = source.text.get(start..).unwrap_or_default();
        let name = &rest[..rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len())];
        let is_whole = rest[name.len()..].starts_with('.') && !name.is_empty();
        let method = rest.get(name.len() + 1..).unwrap_or_default();
        let called = method.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(method.len());
        if is_whole && method[called..].trim_start().starts_with('(') {
            return (Some(self.pass.intern(name)), source.place.span(start..start + name.len()));
        }
        (None, self.span(""))
    }

    /// The place of the instruction, or of the name that it starts with.
    fn span(&self, name: &str) -> Span {
        let source = self.pass.source;
        let found = source.instructions.get_span(self.current);
        let range = found.map_or(0..0, |span| span.start_offset as usize..span.end_offset as usize);
        let end = if name.is_empty() { range.end } else { (range.start + name.len()).min(source.text.len()) };
        source.place.span(range.start..end.max(range.start))
    }

    /// The whole of the expression that is printed: the generator knows the place of its last step, and of a block that of the step before.
    fn printed(&self) -> Span {
        let Source { instructions, text, place, .. } = self.pass.source;
        let span = instructions.get_span(self.current);
        let span = span.or_else(|| instructions.get_span(self.current.checked_sub(1)?));
        let last = span.map_or(0..0, |span| span.start_offset as usize..span.end_offset as usize);
        let before = text.get(..last.start).unwrap_or_default();
        let tag =
            before.rfind("{{").filter(|tag| before.rfind("{%").is_none_or(|block| block < *tag)).map(|tag| tag + 2);
        let inner = tag.and_then(|tag| Some((tag, text.get(tag..last.end)?)));
        let start =
            inner.map(|(tag, inner)| tag + inner.len() - inner.trim_start_matches(['-', '+']).trim_start().len());
        place.span(start.unwrap_or(last.start)..last.end)
    }

    /// Looks a name up. If it is about to be printed and nothing sets it, it is checked that something defines it.
    fn lookup(&mut self, name: &'s str) {
        if let Some(digits) = wide_integer(name) {
            // It can be printed and handed on, which is what such numbers are for; it is not reckoned with.
            return self.push(Instruction::LoadConst(Value::from(digits)));
        }
        let known = self.pass.intern(name);
        self.push(Instruction::Lookup(known));
        let printed = matches!(self.pass.source.instructions.get(self.current + 1), Some(Instruction::Emit));
        if printed && !self.pass.map.assigned.contains(name) {
            self.push(Instruction::DupTop);
            self.push(Instruction::IsUndefined);
            self.push(Instruction::JumpIfFalse(self.length + 4));
            self.push(Instruction::LoadConst(Operation::Known(known, self.span(name)).into()));
            self.push(Instruction::CallObject(Some(1)));
            self.push(Instruction::DiscardTop);
        }
    }

    /// Stores a name; if a macro of this code asks for it, also where the macro finds it.
    fn store(&mut self, name: &'s str) {
        let known = self.pass.intern(name);
        if self.inner.is_empty() && self.shared.contains(name) {
            self.push(Instruction::DupTop);
            self.operate(Operation::Share(known));
            self.push(Instruction::DiscardTop);
        }
        self.push(Instruction::StoreLocal(known));
    }

    fn constant(&mut self, value: &Value) {
        self.push(Instruction::LoadConst(value.clone()));
        let changeable = matches!(value.kind(), ValueKind::Seq | ValueKind::Map | ValueKind::Iterable);
        if changeable && !value.is_kwargs() && !value.is_tuple() {
            self.operate(Operation::Own);
        }
    }

    /// The instruction, and then its result made changeable.
    fn and_own(&mut self, instruction: &Instruction<'s>) {
        self.carry(instruction);
        self.operate(Operation::Own);
    }

    /// The top `count` values as one list, given to an operation; without a count it is on top of the stack.
    fn collected(&mut self, count: Option<usize>, operation: Operation) {
        self.push(Instruction::BuildList(count));
        self.operate(operation);
    }

    /// Replaces the value on top of the stack by what the operation makes of it.
    fn operate(&mut self, operation: Operation) {
        self.push(Instruction::LoadConst(operation.into()));
        self.push(Instruction::Swap);
        self.push(Instruction::CallObject(Some(2)));
    }

    /// Makes a macro or call block: the operation gets the names that the body shall see as they are now.
    fn region(&mut self, region: &Region<'s>) -> Result<(), Diagnostic> {
        let (definition, uses) = self.pass.definition(region)?;
        self.uses.varargs |= uses.varargs;
        self.uses.kwargs |= uses.kwargs;
        self.uses.caller |= uses.caller;
        self.push(Instruction::LoadConst(Operation::Close(Arc::new(definition)).into()));
        let mut count = 1;
        for name in &region.free {
            if !self.inner.iter().any(|names| names.contains(name)) {
                continue;
            }
            let name = self.pass.intern(name);
            self.push(Instruction::LoadConst(Value::from(name)));
            self.push(Instruction::Lookup(name));
            count += 2;
        }
        self.push(Instruction::CallObject(Some(count)));
        Ok(())
    }

    /// Whether this is the addition with which a loop counts the items that pass its condition.
    fn counts(&self) -> bool {
        let before = |back| self.pass.source.instructions.get(self.current.wrapping_sub(back));
        matches!((before(2), before(1)), (Some(Instruction::Swap), Some(Instruction::LoadConst(_))))
    }

    fn is_silent(&self) -> bool {
        let silent = self.pass.source.silent;
        !silent.is_empty()
            && self
                .pass
                .source
                .instructions
                .get_span(self.current)
                .is_some_and(|span| silent.iter().any(|tag| tag.contains(&(span.start_offset as usize))))
    }

    /// Writes an instruction that stays what it is.
    fn carry(&mut self, instruction: &Instruction<'s>) {
        let instruction = carried(instruction, |name| self.pass.intern(name));
        self.push(instruction);
    }

    fn push(&mut self, instruction: Instruction<'static>) {
        let source = self.pass.source.instructions;
        match (source.get_span(self.current), source.get_line(self.current)) {
            (Some(span), _) => self.out.add_with_span(instruction, span),
            (None, line) => {
                let line = line.and_then(|line| u16::try_from(line).ok()).unwrap_or_default();
                self.out.add_with_line(instruction, line)
            }
        };
        self.length += 1;
    }

    fn finish(mut self) -> (Instructions<'static>, Uses) {
        for (at, target) in std::mem::take(&mut self.jumps) {
            let moved = self.moved.get(target.wrapping_sub(self.range.start) as usize).copied().unwrap_or(self.length);
            if let Some(
                Instruction::Jump(target)
                | Instruction::JumpIfFalse(target)
                | Instruction::JumpIfFalseOrPop(target)
                | Instruction::JumpIfTrueOrPop(target)
                | Instruction::Iterate(target),
            ) = self.out.get_mut(at)
            {
                *target = moved;
            }
        }
        (self.out, self.uses)
    }
}

/// The same instruction with names that live for good.
fn carried(instruction: &Instruction<'_>, intern: impl Fn(&str) -> &'static str) -> Instruction<'static> {
    use Instruction as I;
    match instruction {
        I::EmitRaw(text) => I::EmitRaw(intern(text)),
        I::StoreLocal(name) => I::StoreLocal(intern(name)),
        I::Lookup(name) => I::Lookup(intern(name)),
        I::GetAttr(name) => I::GetAttr(intern(name)),
        I::SetAttr(name) => I::SetAttr(intern(name)),
        I::ApplyFilter(name, count, local) => I::ApplyFilter(intern(name), *count, *local),
        I::PerformTest(name, count, local) => I::PerformTest(intern(name), *count, *local),
        I::CallFunction(name, count) => I::CallFunction(intern(name), *count),
        I::CallMethod(name, count) => I::CallMethod(intern(name), *count),
        I::CallBlock(name) => I::CallBlock(intern(name)),
        I::BuildMacro(name, offset, flags) => I::BuildMacro(intern(name), *offset, *flags),
        I::Enclose(name) => I::Enclose(intern(name)),
        other => carried_plain(other),
    }
}

/// [`carried`], for instructions with a number or a value.
fn carried_plain(instruction: &Instruction<'_>) -> Instruction<'static> {
    use Instruction as I;
    match instruction {
        I::LoadConst(value) => I::LoadConst(value.clone()),
        I::BuildMap(count) => I::BuildMap(*count),
        I::BuildKwargs(count) => I::BuildKwargs(*count),
        I::MergeKwargs(count) => I::MergeKwargs(*count),
        I::BuildList(count) => I::BuildList(*count),
        I::BuildTuple(count) => I::BuildTuple(*count),
        I::UnpackList(count) => I::UnpackList(*count),
        I::UnpackLists(count) => I::UnpackLists(*count),
        I::CompareAndPreserve(operator) => I::CompareAndPreserve(*operator),
        I::PushLoop(flags) => I::PushLoop(*flags),
        I::Iterate(target) => I::Iterate(*target),
        I::Jump(target) => I::Jump(*target),
        I::JumpIfFalse(target) => I::JumpIfFalse(*target),
        I::JumpIfFalseOrPop(target) => I::JumpIfFalseOrPop(*target),
        I::JumpIfTrueOrPop(target) => I::JumpIfTrueOrPop(*target),
        I::BeginCapture(mode) => I::BeginCapture(*mode),
        I::CallObject(count) => I::CallObject(*count),
        I::Include(ignore_missing) => I::Include(*ignore_missing),
        other => carried_bare(other),
    }
}

/// [`carried`], for instructions that are only a word. The compiler cannot see that no others are left; `Return` is as good
/// as any for those, and is never reached.
fn carried_bare(instruction: &Instruction<'_>) -> Instruction<'static> {
    macro_rules! bare {
        ($($name:ident)*) => {
            match instruction {
                $(Instruction::$name => Instruction::$name,)*
                _ => Instruction::Return,
            }
        };
    }
    bare! {
        GetItem Slice Add Sub Mul Div IntDiv Rem Pow Neg Eq Ne Gt Gte Lt Lte Not StringConcat In Emit PushWith
        PushDidNotIterate PopFrame PopLoopFrame PushAutoEscape PopAutoEscape EndCapture DupTop DiscardTop FastSuper
        FastRecurse Swap LoadBlocks ExportLocals IsUndefined GetClosure
    }
}
