//! Follows a path of the reference's dialect through a value, as the reference does: in its
//! order, with its laziness, and with its quirks.

use super::super::Unjudgeable;
use super::query::{Expression, Function, Operand, Operator, Origin, Query, Selector, Step};
use crate::python;
use serde_json::Value;
use std::cell::Cell;
use std::cmp::Ordering;
use std::ops::ControlFlow;

/// Values looked at in one evaluation: some seconds of work. The reference has no limit.
const MAX_VISITS: usize = 2_000_000;
/// Levels of the value and steps of the path taken within each other. The reference's own
/// recursion limit is reached near 250.
const MAX_DEPTH: usize = 500;

/// Why an evaluation ends before everything was seen.
enum Stop {
    /// Who asked knows enough.
    Enough,
    Failed(Unjudgeable),
}

type Flow = ControlFlow<Stop>;
type Emit<'e> = &'e mut dyn FnMut(&Value) -> Flow;

/// Gives `found` every match of `query` in `root`, in order.
///
/// # Errors
/// When the reference would raise (a slice with step 0), or a limit is reached.
pub(super) fn evaluate(
    query: &Query,
    root: &Value,
    found: &mut dyn FnMut(&Value),
) -> Result<(), Unjudgeable> {
    let evaluation = Evaluation {
        root,
        visits: Cell::new(0),
        depth: Cell::new(0),
    };
    let flow = evaluation.query(query, root, &mut |value| {
        found(value);
        Flow::Continue(())
    });
    match flow {
        ControlFlow::Break(Stop::Failed(error)) => Err(error),
        ControlFlow::Break(Stop::Enough) | ControlFlow::Continue(()) => Ok(()),
    }
}

struct Evaluation<'v> {
    root: &'v Value,
    visits: Cell<usize>,
    depth: Cell<usize>,
}

fn fail<T>(message: impl Into<String>) -> ControlFlow<Stop, T> {
    ControlFlow::Break(Stop::Failed(Unjudgeable(message.into())))
}

impl Evaluation<'_> {
    fn deeper(&self, work: impl FnOnce() -> Flow) -> Flow {
        if self.visits.get() >= MAX_VISITS {
            return fail(format!(
                "the JSON path looks at more than {MAX_VISITS} values: use fewer `..` and `*`"
            ));
        }
        if self.depth.get() >= MAX_DEPTH {
            return fail(format!(
                "the value is nested too deeply for this JSON path (more than {MAX_DEPTH} levels)"
            ));
        }
        self.visits.set(self.visits.get() + 1);
        self.depth.set(self.depth.get() + 1);
        let flow = work();
        self.depth.set(self.depth.get() - 1);
        flow
    }

    fn query(&self, query: &Query, current: &Value, emit: Emit<'_>) -> Flow {
        let start = match query.origin {
            Origin::Root => self.root,
            Origin::Current => current,
        };
        self.steps(&query.steps, start, emit)
    }

    fn steps(&self, steps: &[Step], current: &Value, emit: Emit<'_>) -> Flow {
        let Some((step, rest)) = steps.split_first() else {
            return emit(current);
        };
        self.deeper(|| {
            for selector in &step.selectors {
                self.select(selector, current, &mut |value| {
                    self.steps(rest, value, emit)
                })?;
            }
            if step.descend {
                match current {
                    Value::Object(map) => {
                        for value in map.values() {
                            self.steps(steps, value, emit)?;
                        }
                    }
                    Value::Array(items) => {
                        for value in items {
                            self.steps(steps, value, emit)?;
                        }
                    }
                    _ => {}
                }
            }
            Flow::Continue(())
        })
    }

    fn select(&self, selector: &Selector, current: &Value, emit: Emit<'_>) -> Flow {
        match (selector, current) {
            (Selector::Key(key), _) => by_key(key, current, emit),
            (Selector::Index(index), _) => by_index(*index, current, emit),
            (Selector::Slice { start, end, step }, Value::Array(items)) => {
                by_slice(items, *start, *end, *step, emit)
            }
            (Selector::Wildcard, Value::Object(map)) => map.values().try_for_each(emit),
            (Selector::Wildcard, Value::Array(items)) => items.iter().try_for_each(emit),
            (Selector::Filter(expression), _) => {
                if self.holds(expression, current)? {
                    emit(current)
                } else {
                    Flow::Continue(())
                }
            }
            (Selector::Computed(query), _) => {
                self.query(query, current, &mut |index| match index {
                    Value::String(key) => by_key(key, current, emit),
                    _ => match python::int(index) {
                        Some(index) => by_index(index, current, emit),
                        None => Flow::Continue(()),
                    },
                })
            }
            (Selector::Call(function, arguments), _) => {
                self.call(*function, arguments, current, emit)
            }
            (Selector::Slice { .. } | Selector::Wildcard, _) => Flow::Continue(()),
        }
    }

    /// Calls `function` once for every combination of what its arguments find.
    fn call(
        &self,
        function: Function,
        arguments: &[Operand],
        current: &Value,
        emit: Emit<'_>,
    ) -> Flow {
        let mut found: Vec<Vec<Option<i128>>> = Vec::new();
        for argument in arguments {
            let mut values = Vec::new();
            self.operand(argument, current, &mut |value| {
                values.push(python::int(value));
                Flow::Continue(())
            })?;
            found.push(values);
        }
        match (function, found.as_slice()) {
            (Function::CharAt, [indices]) => {
                for index in indices.iter().flatten() {
                    if let Some(text) = character_at(current, *index) {
                        emit(&Value::String(text))?;
                    }
                }
            }
            (Function::Substring, [starts]) => {
                for start in starts.iter().flatten() {
                    if let Value::String(text) = current {
                        emit(&Value::String(substring(text, *start, None)))?;
                    }
                }
            }
            (Function::Substring, [starts, ends]) => {
                for (start, end) in starts
                    .iter()
                    .flat_map(|start| ends.iter().map(move |end| (start, end)))
                {
                    if let (Some(start), Some(end), Value::String(text)) = (start, end, current) {
                        self.deeper(|| emit(&Value::String(substring(text, *start, Some(*end)))))?;
                    }
                }
            }
            (_, []) => {
                if let Some(value) = function_of(function, current) {
                    emit(&value)?;
                }
            }
            _ => {}
        }
        Flow::Continue(())
    }

    fn operand(&self, operand: &Operand, current: &Value, emit: Emit<'_>) -> Flow {
        match operand {
            Operand::Query(query) => self.query(query, current, emit),
            Operand::Literal(value) => emit(value),
        }
    }

    fn holds(&self, expression: &Expression, current: &Value) -> ControlFlow<Stop, bool> {
        match expression {
            Expression::Some(Operand::Literal(value)) => {
                ControlFlow::Continue(python::truthy(value))
            }
            Expression::Some(Operand::Query(query)) => {
                any(|found| self.query(query, current, &mut |_| found()))
            }
            Expression::Not(inner) => ControlFlow::Continue(!self.holds(inner, current)?),
            Expression::All(entries) => {
                for entry in entries {
                    if !self.holds(entry, current)? {
                        return ControlFlow::Continue(false);
                    }
                }
                ControlFlow::Continue(true)
            }
            Expression::Any(entries) => {
                for entry in entries {
                    if self.holds(entry, current)? {
                        return ControlFlow::Continue(true);
                    }
                }
                ControlFlow::Continue(false)
            }
            Expression::Compare(left, operator, right) => {
                // The reference reads what a query on the right finds only once: it compares
                // all of it with the first value on the left, and nothing with the others.
                let mut consumed = false;
                any(|found| {
                    self.operand(left, current, &mut |a| {
                        if consumed {
                            return Flow::Continue(());
                        }
                        consumed = matches!(right, Operand::Query(_));
                        self.operand(right, current, &mut |b| {
                            if compare(a, *operator, b) {
                                found()
                            } else {
                                Flow::Continue(())
                            }
                        })
                    })
                })
            }
        }
    }
}

/// Whether `search` called what it was given, which ends it.
fn any(search: impl FnOnce(&mut dyn FnMut() -> Flow) -> Flow) -> ControlFlow<Stop, bool> {
    match search(&mut || Flow::Break(Stop::Enough)) {
        ControlFlow::Continue(()) => ControlFlow::Continue(false),
        ControlFlow::Break(Stop::Enough) => ControlFlow::Continue(true),
        ControlFlow::Break(failed) => ControlFlow::Break(failed),
    }
}

/// Equality is Python's; an order exists between numbers only.
fn compare(a: &Value, operator: Operator, b: &Value) -> bool {
    let ordered = |accept: fn(Ordering) -> bool| python::compare(a, b).is_some_and(accept);
    match operator {
        Operator::Equal => python::equal(a, b),
        Operator::NotEqual => !python::equal(a, b),
        Operator::Less => ordered(Ordering::is_lt),
        Operator::LessOrEqual => ordered(Ordering::is_le),
        Operator::Greater => ordered(Ordering::is_gt),
        Operator::GreaterOrEqual => ordered(Ordering::is_ge),
    }
}

fn by_key(key: &str, current: &Value, emit: Emit<'_>) -> Flow {
    match current.as_object().and_then(|map| map.get(key)) {
        Some(value) => emit(value),
        None => Flow::Continue(()),
    }
}

fn by_index(index: i128, current: &Value, emit: Emit<'_>) -> Flow {
    match current.as_array().and_then(|items| item(items, index)) {
        Some(value) => emit(value),
        None => Flow::Continue(()),
    }
}

/// Negative indices count from the end.
fn item<T>(items: &[T], index: i128) -> Option<&T> {
    let index = if index < 0 {
        index + items.len() as i128
    } else {
        index
    };
    items.get(usize::try_from(index).ok()?)
}

/// The indices are those of Python's `range`, then looked up one by one: with a negative step
/// they may run below zero, and count from the end again.
fn by_slice(
    items: &[Value],
    start: Option<i128>,
    end: Option<i128>,
    step: Option<i128>,
    emit: Emit<'_>,
) -> Flow {
    let length = items.len() as i128;
    let start = match start {
        None => 0,
        Some(start) if start >= 0 => start,
        Some(start) if start.abs() < length => start + length,
        Some(_) => 0,
    };
    let end = match end {
        None => length,
        Some(end) if end >= 0 => end,
        Some(end) => end + length,
    };
    let step = step.unwrap_or(1);
    if step == 0 {
        return fail("the JSON path has a slice with step 0");
    }
    let mut index = start;
    if step < 0 && index >= length {
        // Skip what is beyond the array without counting through it.
        let stride = -step;
        index -= (index - length + stride) / stride * stride;
    }
    while if step > 0 { index < end } else { index > end } {
        if index >= length && step > 0 || index < -length {
            break;
        }
        if let Some(value) = item(items, index) {
            emit(value)?;
        }
        index += step;
    }
    Flow::Continue(())
}

fn character_at(current: &Value, index: i128) -> Option<String> {
    let characters: Vec<char> = current.as_str()?.chars().collect();
    item(&characters, index).map(char::to_string)
}

/// `text[start:end]` of Python, in characters.
fn substring(text: &str, start: i128, end: Option<i128>) -> String {
    let length = text.chars().count() as i128;
    let bound = |index: i128| {
        let index = if index < 0 { index + length } else { index };
        usize::try_from(index.clamp(0, length)).unwrap_or(0)
    };
    let start = bound(start);
    let end = bound(end.unwrap_or(length));
    text.chars()
        .skip(start)
        .take(end.saturating_sub(start))
        .collect()
}

/// The functions without arguments; nothing for a value they do not apply to.
fn function_of(function: Function, current: &Value) -> Option<Value> {
    let pair = |key: Value, value: &Value| Value::Array(vec![key, value.clone()]);
    match (function, current) {
        (Function::Length, Value::Array(items)) => Some(Value::from(items.len())),
        (Function::Length, Value::String(text)) => Some(Value::from(text.chars().count())),
        (Function::Keys, Value::Object(map)) => Some(map.keys().cloned().collect()),
        (Function::Keys, Value::Array(items)) => Some((0..items.len()).map(Value::from).collect()),
        (Function::Values, Value::Object(map)) => Some(map.values().cloned().collect()),
        (Function::Values, Value::Array(_)) => Some(current.clone()),
        (Function::Entries, Value::Object(map)) => Some(
            map.iter()
                .map(|(key, value)| pair(Value::from(key.as_str()), value))
                .collect(),
        ),
        (Function::Entries, Value::Array(items)) => Some(
            items
                .iter()
                .enumerate()
                .map(|(index, value)| pair(Value::from(index), value))
                .collect(),
        ),
        _ => None,
    }
}
