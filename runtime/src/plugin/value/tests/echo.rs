//! Through a real guest and back: the values are the ones that wasmtime takes for the type that
//! `inspect` read.

use super::any::typed_json;
use super::*;
use crate::plugin::engine::engine;
use crate::plugin::fixture::component_around;
use crate::plugin::inspect::inspect;
use crate::plugin::signature::{Form, Signature};
use wasmtime::Store;
use wasmtime::component::{Component, Linker};

/// Gives what it gets: a parameter of so many scalars is passed in memory, where the result lies
/// in the same way.
const GUEST: &str = r#"(module
    (memory (export "memory") 16)
    (global $free (mut i32) (i32.const 8))
    (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32)
        (local $at i32)
        (local.set $at (global.get $free))
        (global.set $free
            (i32.and (i32.add (i32.add (local.get $at) (local.get 3)) (i32.const 7)) (i32.const -8)))
        (local.get $at))
    (func (export "a:b/probes#echo") (param i32) (result i32) (local.get 0)))"#;

/// Scalars that leave no room for the value outside the memory.
const PADDING: usize = 17;

fn padded(ty: Type) -> Type {
    let mut types = vec![Type::U64; PADDING];
    types.push(ty);
    Type::Tuple(types)
}

/// Gives each declared type a name of its own.
fn name_apart(ty: &mut Type, count: &mut usize) {
    match ty {
        Type::Record { name, .. }
        | Type::Variant { name, .. }
        | Type::Enum { name, .. }
        | Type::Flags { name, .. } => {
            *count += 1;
            *name = format!("type-n{count}");
        }
        _ => {}
    }
    match ty {
        Type::Option(inner) | Type::List(inner) => name_apart(inner, count),
        Type::Tuple(types) => types.iter_mut().for_each(|ty| name_apart(ty, count)),
        Type::Result { ok, err } => {
            let both = ok.iter_mut().chain(err);
            both.for_each(|ty| name_apart(ty, count));
        }
        Type::Record { fields, .. } => {
            let types = fields.iter_mut().map(|field| &mut field.ty);
            types.for_each(|ty| name_apart(ty, count));
        }
        Type::Variant { cases, .. } => {
            let types = cases.iter_mut().filter_map(|(_, ty)| ty.as_mut());
            types.for_each(|ty| name_apart(ty, count));
        }
        _ => {}
    }
}

fn signature(ty: &Type) -> Signature {
    Signature {
        form: Form::Typed,
        functions: vec![Function {
            interface: "a:b/probes".to_owned(),
            kind: Kind::Probe,
            name: "echo".to_owned(),
            parameters: vec![field("value", ty.clone())],
            result: Some(ty.clone()),
            docs: String::new(),
        }],
        imports: Vec::new(),
        entry: None,
        refused: Vec::new(),
        manifest: None,
    }
}

fn echo(bytes: &[u8], values: &[Val]) -> wasmtime::Result<Val> {
    let engine = engine().unwrap();
    let component = Component::new(engine, bytes)?;
    let mut store = Store::new(engine, ());
    store.set_epoch_deadline(u64::MAX / 2);
    let instance = Linker::new(engine).instantiate(&mut store, &component)?;
    let interface = component.get_export_index(None, "a:b/probes");
    let function = component
        .get_export_index(interface.as_ref(), "echo")
        .unwrap();
    let function = instance.get_func(&mut store, function).unwrap();
    let mut results = [Val::Bool(false)];
    function.call(&mut store, values, &mut results)?;
    let [result] = results;
    Ok(result)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn any_value_comes_back_from_a_guest((mut ty, json) in typed_json()) {
        name_apart(&mut ty, &mut 0);
        let ty = padded(ty);
        let wanted = signature(&ty);
        let bytes = component_around(&wanted.wit(), GUEST);
        let read = inspect(&bytes).unwrap();
        prop_assert_eq!(&read, &wanted);

        let mut whole: Vec<Value> = (0..PADDING).map(Value::from).collect();
        whole.push(json);
        let given = object(json!({"value": whole}));
        let mut problems = Problems::new();
        let values = arguments(&read.functions[0], &given, &Pointer::root(), &mut problems);
        let value = echo(&bytes, &values.unwrap()).unwrap();
        prop_assert_eq!(&to_json(&value).unwrap(), &given["value"]);
    }
}

fn object(json: Value) -> Map<String, Value> {
    json.as_object().unwrap().clone()
}
