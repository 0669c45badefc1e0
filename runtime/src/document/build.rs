use super::event::{Event, Events, Item, Mark};
use super::{DocumentError, Duplicate, Pointer};
use crate::python;
use serde_json::{Map, Value};
use std::collections::HashMap;

/// How deep lists and maps may nest. Real experiments reach about ten; the journal and the wal
/// hold the document within some levels of their own and are read by parsers that stop at 128.
pub(crate) const DEPTH: usize = 100;

/// How many values aliases and merge keys may copy within one document, a long text counting as
/// several. Generous for real templates, and a billion laughs end here.
pub(super) const COPIES: usize = 100_000;

/// Duplicate keys remembered; finding the first one's place takes time.
const DUPLICATES: usize = 20;

/// A step from a list or map to a value in it.
#[derive(Clone, Copy)]
pub(super) enum Step<'k> {
    Key(&'k str),
    Index(usize),
}

/// Sees where each written value begins and ends while a document is built.
pub(super) trait Observer {
    /// A value begins: the document (`None`), or a part of the value entered last.
    fn enter(&mut self, step: Option<Step<'_>>, mark: Mark);
    /// The value entered last ends.
    fn leave(&mut self);
}

/// Nobody watches.
impl Observer for () {
    fn enter(&mut self, _step: Option<Step<'_>>, _mark: Mark) {}
    fn leave(&mut self) {}
}

/// The value that events mean, and the keys that its maps hold more than once (the last counts).
pub(super) fn build(
    events: &mut impl Events,
    observer: &mut impl Observer,
) -> Result<(Option<Value>, Vec<Duplicate>), DocumentError> {
    let mut builder = Builder::default();
    while let Some(item) = events.next()? {
        builder.take(item, events, observer)?;
    }
    Ok((builder.root, builder.duplicates))
}

enum Frame {
    List(Vec<Value>),
    Map(MapFrame),
}

#[derive(Default)]
struct MapFrame {
    own: Map<String, Value>,
    /// Where each key of `own` stands.
    marks: Vec<Mark>,
    merged: Vec<Map<String, Value>>,
    key: Option<Key>,
}

enum Key {
    Name(String),
    Merge,
}

struct Anchored {
    value: Value,
    size: usize,
    depth: usize,
}

#[derive(Default)]
struct Builder {
    root: Option<Value>,
    open: Vec<(Frame, usize)>,
    anchors: HashMap<usize, Anchored>,
    copied: usize,
    duplicates: Vec<Duplicate>,
}

impl Builder {
    fn take(
        &mut self,
        item: Item,
        events: &impl Events,
        observer: &mut impl Observer,
    ) -> Result<(), DocumentError> {
        let Item {
            event,
            anchor,
            mark,
        } = item;
        let closes = matches!(event, Event::Close);
        let is_key = !closes && self.expects_key();
        if !is_key && !closes {
            observer.enter(self.step(), mark);
        }
        let value = match event {
            Event::List | Event::Map => {
                if is_key {
                    return Err(events.error(
                        mark,
                        "a list or map can't be a key".to_owned(),
                        "quote the key if it is text with brackets or braces, such as a template's `{{ x }}`",
                    ));
                }
                if self.open.len() >= DEPTH {
                    return Err(too_deep(events, mark));
                }
                let frame = match event {
                    Event::List => Frame::List(Vec::new()),
                    _ => Frame::Map(MapFrame::default()),
                };
                self.open.push((frame, anchor));
                return Ok(());
            }
            Event::Close => match self.open.pop() {
                Some((frame, anchor)) => {
                    let value = frame.finish();
                    self.anchor(anchor, &value, events, mark)?;
                    value
                }
                None => return Ok(()),
            },
            Event::Alias(id) => self.alias(id, events, mark)?,
            Event::Scalar(value) => {
                self.anchor(anchor, &value, events, mark)?;
                value
            }
            Event::Merge => match self.open.last_mut() {
                Some((Frame::Map(map), _)) if is_key => {
                    map.key = Some(Key::Merge);
                    return Ok(());
                }
                _ => Value::String("<<".to_owned()),
            },
        };
        if is_key {
            return self.key(value, events, mark);
        }
        observer.leave();
        self.put(value, events, mark)
    }

    fn expects_key(&self) -> bool {
        matches!(self.open.last(), Some((Frame::Map(map), _)) if map.key.is_none())
    }

    fn step(&self) -> Option<Step<'_>> {
        match &self.open.last()?.0 {
            Frame::List(items) => Some(Step::Index(items.len())),
            Frame::Map(map) => Some(Step::Key(match &map.key {
                Some(Key::Name(name)) => name,
                _ => "<<",
            })),
        }
    }

    fn key(&mut self, value: Value, events: &impl Events, mark: Mark) -> Result<(), DocumentError> {
        let Some(name) = key_text(value) else {
            return Err(events.error(
                mark,
                "a list or map can't be a key".to_owned(),
                "use a text",
            ));
        };
        let room = self.duplicates.len() < DUPLICATES;
        let pointer = || self.pointer();
        let Some((Frame::Map(map), _)) = self.open.last() else {
            return Ok(());
        };
        let first = if room && map.own.contains_key(&name) {
            let place = map.own.keys().position(|key| *key == name);
            place.and_then(|index| map.marks.get(index)).copied()
        } else {
            None
        };
        if let Some(first) = first {
            let duplicate = Duplicate {
                pointer: pointer(),
                key: name.clone(),
                first: events.location(first),
                second: events.location(mark),
            };
            self.duplicates.push(duplicate);
        }
        if let Some((Frame::Map(map), _)) = self.open.last_mut() {
            if !map.own.contains_key(&name) {
                map.marks.push(mark);
            }
            map.key = Some(Key::Name(name));
        }
        Ok(())
    }

    /// The map that is being filled.
    fn pointer(&self) -> Pointer {
        let parents = self.open.len().saturating_sub(1);
        let frames = self.open.iter().take(parents);
        frames.fold(Pointer::root(), |pointer, (frame, _)| match frame {
            Frame::List(items) => pointer.index(items.len()),
            Frame::Map(map) => match &map.key {
                Some(Key::Name(name)) => pointer.key(name),
                _ => pointer.key("<<"),
            },
        })
    }

    fn put(&mut self, value: Value, events: &impl Events, mark: Mark) -> Result<(), DocumentError> {
        let map = match self.open.last_mut() {
            None => {
                self.root = Some(value);
                return Ok(());
            }
            Some((Frame::List(items), _)) => {
                items.push(value);
                return Ok(());
            }
            Some((Frame::Map(map), _)) => map,
        };
        match map.key.take() {
            Some(Key::Name(name)) => {
                map.own.insert(name, value);
            }
            _ => map.merge(value).ok_or_else(|| {
                events.error(
                    mark,
                    "`<<` takes a map or a list of maps".to_owned(),
                    "quote `\"<<\"` if it is an ordinary key",
                )
            })?,
        }
        Ok(())
    }

    fn anchor(
        &mut self,
        id: usize,
        value: &Value,
        events: &impl Events,
        mark: Mark,
    ) -> Result<(), DocumentError> {
        if id == 0 {
            return Ok(());
        }
        let anchored = Anchored {
            size: size(value),
            depth: depth(value),
            value: Value::Null,
        };
        self.charge(anchored.size, events, mark)?;
        let value = value.clone();
        self.anchors.insert(id, Anchored { value, ..anchored });
        Ok(())
    }

    fn alias(
        &mut self,
        id: usize,
        events: &impl Events,
        mark: Mark,
    ) -> Result<Value, DocumentError> {
        let Some(anchored) = self.anchors.get(&id) else {
            return Err(events.error(
                mark,
                "this alias stands within the value that it names".to_owned(),
                "a value can't contain itself",
            ));
        };
        if self.open.len() + anchored.depth > DEPTH {
            return Err(too_deep(events, mark));
        }
        self.charge(anchored.size, events, mark)?;
        let anchored = self.anchors.get(&id);
        Ok(anchored.map_or(Value::Null, |anchored| anchored.value.clone()))
    }

    fn charge(
        &mut self,
        size: usize,
        events: &impl Events,
        mark: Mark,
    ) -> Result<(), DocumentError> {
        self.copied = self.copied.saturating_add(size);
        if self.copied > COPIES {
            return Err(events.error(
                mark,
                format!("anchors and aliases stand for more than {COPIES} values"),
                "aliases of aliases multiply: write the values out, or use fewer",
            ));
        }
        Ok(())
    }
}

impl Frame {
    fn finish(self) -> Value {
        match self {
            Frame::List(mut items) => {
                items.shrink_to_fit();
                Value::Array(items)
            }
            Frame::Map(map) if map.merged.is_empty() => Value::Object(fitted(map.own)),
            // As the reference's YAML reader: merged keys stand first, own values win.
            Frame::Map(map) => Value::Object(fitted(
                map.merged.into_iter().flatten().chain(map.own).collect(),
            )),
        }
    }
}

/// Without the room that a map leaves for keys to come: it can be more than what is in it, and the
/// document lives as long as the run.
fn fitted(map: Map<String, Value>) -> Map<String, Value> {
    let mut fitted = Map::with_capacity(map.len());
    fitted.extend(map);
    fitted
}

impl MapFrame {
    /// Of several maps, the earlier win.
    fn merge(&mut self, value: Value) -> Option<()> {
        match value {
            Value::Object(map) => self.merged.push(map),
            Value::Array(maps) => {
                for map in maps.into_iter().rev() {
                    let Value::Object(map) = map else {
                        return None;
                    };
                    self.merged.push(map);
                }
            }
            _ => return None,
        }
        Some(())
    }
}

/// A key as Python's `json.dumps` writes it, since the journal is JSON.
fn key_text(value: Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text),
        Value::Null => Some("null".to_owned()),
        Value::Bool(true) => Some("true".to_owned()),
        Value::Bool(false) => Some("false".to_owned()),
        Value::Number(_) => Some(python::repr(&value)),
        Value::Array(_) | Value::Object(_) => None,
    }
}

fn too_deep(events: &impl Events, mark: Mark) -> DocumentError {
    DocumentError::too_deep(events.location(mark))
}

/// What a copy costs, in values: about as many bytes of text as a value takes count as one more.
fn size(value: &Value) -> usize {
    const TEXT: usize = 64;
    match value {
        Value::String(text) => 1 + text.len() / TEXT,
        Value::Array(items) => 1 + items.iter().map(size).sum::<usize>(),
        Value::Object(map) => {
            1 + map
                .iter()
                .map(|(key, value)| key.len() / TEXT + size(value))
                .sum::<usize>()
        }
        _ => 1,
    }
}

fn depth(value: &Value) -> usize {
    match value {
        Value::Array(items) => 1 + items.iter().map(depth).max().unwrap_or(0),
        Value::Object(map) => 1 + map.values().map(depth).max().unwrap_or(0),
        _ => 0,
    }
}
