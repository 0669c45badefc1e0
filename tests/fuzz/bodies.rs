//! What each fuzz target does with an input. A panic is a finding.

mod door;
mod guests;

pub(crate) use door::door;
pub(crate) use guests::host;

use chaos_host_api::grant::{Grant, Grants};
use chaos_host_api::http::{HttpResponse, without_userinfo};
use chaos_host_api::permit::{Denial, Layer, Permit, Url};
use chaos_host_api::policy::Policy;
use chaos_wasm::document::{Document, Format, Pointer, Problems, render};
use chaos_wasm::experiment::{Activity, Entry, Experiment, RuntimeBlock};
use chaos_wasm::journal::Journal;
use chaos_wasm::plan::{Outline, OutlineStep, Plan};
use chaos_wasm::plugin::sealed;
use chaos_wasm::plugin::signature::{Signature, Type};
use chaos_wasm::plugin::value::{from_json, to_json};
use chaos_wasm::plugin::{Manifest, Name, Plugins};
use chaos_wasm::run::machine::{Machine, Next};
use chaos_wasm::run::record::Record;
use chaos_wasm::run::{Dry, Options};
use chaos_wasm::substitution::Variables;
use chaos_wasm::tolerance::Tolerance;
use chaos_wasm::verdict::Verdict;
use chaos_wasm::wal::Log;
use serde_json::{Map, Value, json};
use std::path::Path;
use std::time::Duration;

/// Reads the input as JSON and as YAML, asks for every value's place, and shows what is wrong.
pub(crate) fn document(input: &[u8]) {
    let json = Document::parse_keeping_last("input.json", input, Format::Json);
    let judge: Result<Value, _> = serde_json::from_slice(input);
    match &json {
        // Ours takes a byte order mark, and less depth.
        Err(error) => assert!(
            judge.is_err() || error.message.contains("nest deeper"),
            "refused: {error}"
        ),
        Ok(_) => assert!(judge.is_ok() || input.starts_with(b"\xEF\xBB\xBF")),
    }
    let yaml = Document::parse_keeping_last("input.yaml", input, Format::Yaml);
    for document in [json, yaml] {
        match document {
            Ok(document) => places(&document),
            Err(error) => assert!(error.render("input").starts_with("input")),
        }
    }
}

fn places(document: &Document) {
    let mut problems = Problems::new();
    let mut left = vec![(Pointer::root(), document.value())];
    while let Some((pointer, value)) = left.pop() {
        problems.error(&pointer, "here");
        match value {
            Value::Array(items) => {
                left.extend(items.iter().enumerate().map(|(i, v)| (pointer.index(i), v)));
            }
            Value::Object(map) => left.extend(map.iter().map(|(k, v)| (pointer.key(k), v))),
            _ => {}
        }
    }
    document.warn_of_duplicates(&mut problems);
    let pointers: Vec<&Pointer> = problems.iter().map(|problem| &problem.pointer).collect();
    let lines = document.text().split('\n').count();
    for location in document.locate_all(&pointers) {
        assert!(location.is_some_and(|at| at.line >= 1 && at.column >= 1));
        assert!(document.format() == Format::Yaml || location.is_some_and(|at| at.line <= lines));
    }
    assert!(render(document, &problems, |_| false).contains("error: here (at /)"));
}

/// Reads the input as an experiment, plans it, and resolves what it says.
pub(crate) fn experiment(input: &[u8]) {
    for format in [Format::Json, Format::Yaml] {
        let Ok(document) = Document::parse_keeping_last("input", input, format) else {
            continue;
        };
        match Experiment::read(&document) {
            Err(problems) => {
                assert!(problems.has_errors());
                assert!(render(&document, &problems, |_| false).contains("error: "));
            }
            Ok(experiment) => plan(&experiment),
        }
    }
}

fn plan(experiment: &Experiment) {
    let variables = Variables {
        configuration: experiment.configuration.clone(),
        secrets: experiment.secrets.clone(),
    };
    let _ = variables.substitute(&experiment.source);
    let plan = Plan::new(experiment, &options());
    let outline = &plan.outline;
    for (entries, steps) in [
        (&plan.probes, &outline.probes),
        (&plan.method, &outline.method),
        (&plan.rollbacks, &outline.rollbacks),
    ] {
        assert_eq!(entries.len(), steps.len());
        for (entry, step) in entries.iter().zip(steps) {
            planned(entry, step, &experiment.source, &variables);
        }
    }
    let written = serde_json::to_string(&**outline).unwrap_or_default();
    let read: Outline = serde_json::from_str(&written).unwrap_or_else(|why| panic!("{why}"));
    assert_eq!(read, **outline);
    assert_ne!(Machine::new(read).next(), Next::Steps(Vec::new()));
}

fn planned(entry: &Entry, step: &OutlineStep, source: &Value, variables: &Variables) {
    // The journal quotes the definition from there.
    let definition = source.pointer(&step.activity);
    let at = &entry.activity.pointer;
    let again = definition.and_then(|it| Activity::parse(it, at, &mut Problems::new()));
    assert_eq!(
        again.map(|activity| (activity.name, activity.kind)),
        Some((entry.activity.name.clone(), entry.activity.kind))
    );
    let provider = &entry.activity.provider;
    let _ = provider.timeout(variables);
    for output in [json!(null), json!({"status": 200, "body": "a"})] {
        let _ = provider.touched_nothing(&output);
        if let Some(Tolerance::Value(_)) = entry.tolerance.as_deref() {
            let _ = entry
                .tolerance
                .as_ref()
                .map(|t| t.check(&output, variables));
        }
    }
}

fn options() -> Options {
    Options {
        hypothesis_strategy: None,
        rollback_strategy: None,
        settings_runtime: RuntimeBlock::default(),
        frequency: Duration::from_secs(1),
        fail_fast: None,
        dry: Some(Dry::Pause),
        compat: false,
        default_timeout: Duration::from_secs(1),
        overrides: Default::default(),
        journal_path: "journal.json".into(),
        state_dir: "state".into(),
        force: false,
        redaction: Default::default(),
        plugins: Plugins::default(),
        policy: None,
        source: "input".to_owned(),
    }
}

/// The input is a run's log. Its lines are also taken for bare records, since few inputs have
/// the right checksums.
pub(crate) fn wal(input: &[u8]) {
    let log = Log::parse(Path::new("wal.jsonl"), input);
    assert!(!(log.torn && log.damage.is_some()));
    follow(&log.records);
    let bare: Vec<Record> = input
        .split(|byte| *byte == b'\n')
        .filter_map(|line| serde_json::from_slice(line).ok())
        .collect();
    follow(&bare);
}

/// Folds records into a journal, leaving out those that cannot follow.
fn follow(records: &[Record]) {
    let Some(Record::RunBegan(beginning)) = records.first() else {
        return;
    };
    let mut machine = Machine::new(beginning.outline.clone());
    let mut journal = Journal::default();
    for record in records {
        if machine.apply(record).is_ok() {
            journal.apply(record.clone());
        }
        let _ = (machine.next(), machine.may_check());
    }
    let verdict = Verdict::of(&machine);
    assert!(journal.render(&machine, verdict).is_object());
}

/// The input is the headers of an answer, an empty line, and its body; the first line is a URL,
/// too.
pub(crate) fn http(input: &[u8]) {
    let end = input.windows(2).position(|two| two == b"\n\n");
    let (head, body) = input.split_at(end.map_or(0, |end| end + 2));
    let head = String::from_utf8_lossy(head);
    let headers: Vec<(String, String)> = head
        .lines()
        .filter_map(|line| line.split_once(": "))
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect();
    let response = HttpResponse {
        status: 200,
        body: body.to_vec().into(),
        headers,
        elapsed: std::time::Duration::ZERO,
        url: String::new(),
    };
    for (name, value) in &response.headers {
        let joined = response.header(&name.to_ascii_uppercase());
        assert!(joined.is_some_and(|joined| joined.contains(value)));
    }
    let text = response.text();
    if response.headers.is_empty()
        && let Ok(body) = std::str::from_utf8(body)
    {
        assert_eq!(text, body);
    }
    let url = head.lines().next().unwrap_or_default();
    let shown = without_userinfo(url);
    assert_eq!(without_userinfo(&shown), shown);
}

/// The input's first line is a URL, the others are grants. What they deny, the line that the
/// denial names has to allow.
pub(crate) fn grants(input: &[u8]) {
    let text = String::from_utf8_lossy(input);
    let (url, lines) = text.split_once('\n').unwrap_or((&text, ""));
    let read = |line: &str| {
        let grant: Grant = line.parse().ok()?;
        let shown = grant.to_string();
        assert_eq!(shown.parse::<Grant>().as_ref(), Ok(&grant), "{shown}");
        assert!(!grant.explain().is_empty());
        Some(grant)
    };
    let grants: Grants = lines.lines().filter_map(read).collect();
    assert!(grants.beyond(&grants).is_empty());
    let permit = |grants: &Grants| {
        let name = "chaos-wasm.toml".to_owned();
        let grants = grants.clone();
        Permit::new([Layer { name, grants }])
    };
    let Ok(url) = Url::parse(url) else {
        return;
    };
    let asked = permit(&grants);
    let retry = |denial: Denial, again: &dyn Fn(&Permit) -> bool| {
        assert!(denial.to_string().starts_with("denied: "));
        if let Some(line) = denial.line {
            let line = format!("{} {line}", denial.key);
            let granted = Grants::from_iter([line.parse::<Grant>().unwrap()]);
            assert!(again(&permit(&granted)), "{line}: {url}");
        }
    };
    let plain = ["http", "https"].contains(&url.scheme());
    match asked.http("GET", &url) {
        Ok(allowed) => {
            assert!(plain && url.port_or_known_default() != Some(0));
            let metadata = "169.254.169.254".parse().unwrap();
            let named = lines.contains(" to ") || lines.contains("169.254.169.254");
            assert!(named || !allowed.reaches(metadata), "{url}");
        }
        Err(denial) => retry(denial, &|permit| permit.http("GET", &url).is_ok()),
    }
    if let Err(denial) = asked.secret("shop", "token", &url) {
        retry(denial, &|own| own.secret("shop", "token", &url).is_ok());
    }
    let name = url.path();
    if let Err(denial) = asked.configuration(name) {
        retry(denial, &|own| own.configuration(name).is_ok());
    }
    let usage = asked.usage();
    assert!(usage.tightened.beyond(&grants).is_empty());
}

/// The input is a policy file.
pub(crate) fn policy(input: &[u8]) {
    let text = String::from_utf8_lossy(input);
    match Policy::parse(&text, Path::new("chaos-wasm.toml")) {
        Ok(policy) => {
            for name in policy.plugins.keys() {
                assert_eq!(policy.layer(name).grants, policy.plugins[name].grants);
            }
            policy.explain();
            policy.builtin_permit();
        }
        Err(error) => {
            let line = text.split('\n').nth(error.line - 1);
            let length = line.map_or(0, |line| line.chars().count());
            assert!(error.column <= length + 1, "{error}");
        }
    }
}

/// The input is a plugin's manifest.
pub(crate) fn manifest(input: &[u8]) {
    let text = String::from_utf8_lossy(input);
    match Manifest::parse(&text, "plugin.toml") {
        Ok(manifest) => {
            assert!(manifest.plugin.name.parse::<Name>().is_ok());
            let written = serde_json::to_string(&manifest).unwrap_or_else(|why| panic!("{why}"));
            let read: Manifest = serde_json::from_str(&written).unwrap_or_else(|w| panic!("{w}"));
            assert_eq!(read.grants, manifest.grants);
            // A time is rounded to nanoseconds.
            assert_eq!(read.limits.explain(), manifest.limits.explain());
        }
        Err(error) => {
            assert!(
                error
                    .line
                    .is_none_or(|line| line <= text.split('\n').count())
            );
            assert!(error.to_string().starts_with("plugin.toml"));
        }
    }
}

/// The input is taken for a file of native code; and it changes one that was sealed: three bytes
/// a change, the place and what is toggled there. Nothing but the whole and unaltered file opens.
pub(crate) fn cache(input: &[u8]) {
    const KEY: [u8; sealed::KEY_BYTES] = [7; sealed::KEY_BYTES];
    const CODE: &[u8] = b"native code";
    let signature = json!({"form": "command", "functions": [], "imports": ["wasi:cli/run@0.2.6"]});
    let signature: Signature =
        serde_json::from_value(signature).unwrap_or_else(|why| panic!("{why}"));
    let sound = sealed::seal(&KEY, "name", &signature, CODE).unwrap_or_else(|why| panic!("{why}"));
    assert_eq!(sealed::open(&KEY, "name", input).is_some(), input == sound);
    let mut changed = sound.clone();
    for change in input.chunks(3) {
        match *change {
            [high, low, bits] => {
                let place = usize::from(u16::from_be_bytes([high, low]));
                if let Some(byte) = changed.get_mut(place) {
                    *byte ^= bits;
                }
            }
            [more, less] => {
                changed.truncate(changed.len() - usize::from(less).min(changed.len()));
                changed.extend((0..more).map(|byte| byte ^ less));
            }
            _ => {}
        }
    }
    match sealed::open(&KEY, "name", &changed) {
        Some(opened) => {
            assert_eq!(changed, sound);
            assert_eq!((opened.signature, opened.code), (signature, CODE));
        }
        None => assert_ne!(changed, sound),
    }
    assert_eq!(sealed::open(&KEY, "other", &sound), None);
    let mut other = KEY;
    other[input.len() % KEY.len()] ^= 1;
    assert_eq!(sealed::open(&other, "name", &sound), None);
}

/// Substitutes within the input.
pub(crate) fn substitution(input: &[u8]) {
    let text = String::from_utf8_lossy(input);
    let none = Variables::default();
    assert_eq!(
        none.substitute_text(&text),
        text.replace("$$", "$").as_str()
    );
    let variables = Variables {
        configuration: map(json!({"a": text, "b": 1.5, "_": [null, "$a"], "n": null})),
        secrets: map(json!({"g": {"a": "hidden", "s": "secret"}, "h": 1})),
    };
    let alone = variables.substitute_text(&text);
    let nested = variables.substitute(&json!({"$a": [text]}));
    assert_eq!(nested["$a"][0], alone);
    if !text.contains('$') {
        assert_eq!(alone, *text);
    }
}

/// The input's first line is a tolerance, the rest a value; both JSON, or else text.
pub(crate) fn tolerance(input: &[u8]) {
    let text = String::from_utf8_lossy(input);
    let (first, rest) = text.split_once('\n').unwrap_or((&text, ""));
    let read = |text: &str| serde_json::from_str(text).unwrap_or_else(|_| Value::from(text));
    let mut problems = Problems::new();
    let variables = Variables {
        configuration: map(json!({"a": "$.b", "n": 1})),
        secrets: Map::new(),
    };
    let tolerance = Tolerance::parse(&read(first), &Pointer::root(), &mut problems);
    if let Some(tolerance @ Tolerance::Value(_)) = tolerance {
        let _ = tolerance.check(&read(rest), &variables);
    }
}

/// The input is a component.
pub(crate) fn inspect(input: &[u8]) {
    let Ok(signature) = chaos_wasm::plugin::inspect(input) else {
        return;
    };
    for function in &signature.functions {
        let name = function.full_name();
        assert_eq!(signature.find(function.kind, &name), Ok(function));
        assert!(!function.docs.contains('\u{1b}'));
    }
    let imports: usize = signature
        .capabilities()
        .iter()
        .map(|c| c.imports.len())
        .sum();
    assert_eq!(imports, signature.imports.len());
    assert!(signature.wit().contains("world plugin"));
    let kept = serde_json::to_string(&signature).unwrap_or_default();
    let read: Signature = serde_json::from_str(&kept).unwrap_or_else(|why| panic!("{why}"));
    assert_eq!(read, signature);
}

/// The input's first line is a type, as a kept signature has it, the rest a value; both JSON.
pub(crate) fn values(input: &[u8]) {
    let mut lines = input.splitn(2, |byte| *byte == b'\n');
    let mut next = || lines.next().unwrap_or_default();
    let (Ok(ty), Ok(json)) = (
        serde_json::from_slice::<Type>(next()),
        serde_json::from_slice::<Value>(next()),
    ) else {
        return;
    };
    if !sound(&ty) {
        return;
    }
    let mut problems = Problems::new();
    let Some(value) = from_json(&json, &ty, &Pointer::root(), &mut problems) else {
        assert!(problems.has_errors());
        return;
    };
    assert!(!problems.has_errors());
    let out = to_json(&value).unwrap_or_else(|why| panic!("{why}"));
    let again = from_json(&out, &ty, &Pointer::root(), &mut problems);
    assert_eq!(again, Some(value), "{out}");
}

/// Whether a component can have the type: names are unique and WIT's.
fn sound(ty: &Type) -> bool {
    let names = |names: Vec<&String>| {
        let all: std::collections::HashSet<_> = names.iter().collect();
        all.len() == names.len() && names.iter().all(|name| !name.contains('_'))
    };
    match ty {
        Type::Option(inner) | Type::List(inner) => sound(inner),
        Type::Tuple(types) => types.iter().all(sound),
        Type::Result { ok, err } => ok.iter().chain(err).all(|ty| sound(ty)),
        Type::Record { fields, .. } => {
            names(fields.iter().map(|field| &field.name).collect())
                && fields.iter().all(|field| sound(&field.ty))
        }
        Type::Variant { cases, .. } => {
            names(cases.iter().map(|(name, _)| name).collect())
                && cases.iter().all(|(_, ty)| ty.as_ref().is_none_or(sound))
        }
        Type::Enum { cases: all, .. } | Type::Flags { flags: all, .. } => {
            names(all.iter().collect())
        }
        _ => true,
    }
}

fn map(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(map) => map,
        _ => Map::new(),
    }
}
