//! What a path of the reference's dialect means.

use serde_json::Value;

/// Where a query starts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Origin {
    /// `$`: the whole value.
    Root,
    /// `@`: the value that a filter, an index or an argument is looking at.
    Current,
}

/// `$` or `@`, and the steps from there.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Query {
    pub(super) origin: Origin,
    pub(super) steps: Vec<Step>,
}

/// One step away from the values reached so far.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Step {
    /// `..`: from the value itself and, depth first, everything below it.
    pub(super) descend: bool,
    /// What is taken there, in this order.
    pub(super) selectors: Vec<Selector>,
}

/// One entry between brackets, or what follows a dot.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Selector {
    /// `.name`, `["name"]`; escapes are not decoded.
    Key(String),
    /// `[0]`, `[-1]`.
    Index(i128),
    /// `[start:end:step]`.
    Slice {
        start: Option<i128>,
        end: Option<i128>,
        step: Option<i128>,
    },
    /// `*`.
    Wildcard,
    /// `[?(...)]`: the value itself, if it satisfies this.
    Filter(Expression),
    /// `[@.x]`: what the query finds is used as indices or keys.
    Computed(Query),
    /// `.length()` and its like.
    Call(Function, Vec<Operand>),
}

/// The functions of the dialect.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Function {
    CharAt,
    Entries,
    Keys,
    Length,
    Substring,
    Values,
}

impl Function {
    /// By its name in a path.
    pub(super) fn of_name(name: &str) -> Option<Function> {
        Some(match name {
            "charAt" => Function::CharAt,
            "entries" => Function::Entries,
            "keys" => Function::Keys,
            "length" => Function::Length,
            "substring" => Function::Substring,
            "values" => Function::Values,
            _ => return None,
        })
    }
}

/// One side of a comparison, or one argument.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Operand {
    Query(Query),
    Literal(Value),
}

/// What stands within `?(...)`.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Expression {
    /// A query finds something; a literal is true in Python's sense.
    Some(Operand),
    Compare(Operand, Operator, Operand),
    Not(Box<Expression>),
    All(Vec<Expression>),
    Any(Vec<Expression>),
}

/// A comparison.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Operator {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}
