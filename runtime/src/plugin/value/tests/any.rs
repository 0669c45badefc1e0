//! Any type, and any value of it.

use super::*;

fn arbitrary_name() -> impl Strategy<Value = String> {
    "[a-z][a-z0-9]{0,4}(-[a-z][a-z0-9]{0,3}){0,2}"
}

fn unique_names() -> impl Strategy<Value = Vec<String>> {
    proptest::collection::btree_set(arbitrary_name(), 1..5)
        .prop_map(|names| names.into_iter().collect())
}

fn arbitrary_type() -> impl Strategy<Value = Type> {
    let scalar = proptest::sample::select(vec![
        Type::Bool,
        Type::S8,
        Type::U8,
        Type::S16,
        Type::U16,
        Type::S32,
        Type::U32,
        Type::S64,
        Type::U64,
        Type::F32,
        Type::F64,
        Type::Char,
        Type::String,
    ]);
    let leaf = prop_oneof![
        4 => scalar,
        1 => unique_names().prop_map(|cases| Type::Enum { name: "e".to_owned(), cases }),
        1 => unique_names().prop_map(|flags| Type::Flags { name: "f".to_owned(), flags }),
    ];
    leaf.prop_recursive(4, 24, 4, |inner| {
        let several = proptest::collection::vec(inner.clone(), 1..5);
        let maybe = proptest::collection::vec(proptest::option::of(inner.clone()), 1..5);
        let boxed = || proptest::option::of(inner.clone().prop_map(Box::new));
        prop_oneof![
            inner.clone().prop_map(option),
            inner.clone().prop_map(list),
            several.clone().prop_map(Type::Tuple),
            (boxed(), boxed()).prop_map(|(ok, err)| Type::Result { ok, err }),
            (unique_names(), several).prop_map(|(names, types)| Type::Record {
                name: "r".to_owned(),
                fields: names
                    .iter()
                    .zip(types)
                    .map(|(name, ty)| field(name, ty))
                    .collect(),
            }),
            (unique_names(), maybe).prop_map(|(names, types)| Type::Variant {
                name: "v".to_owned(),
                cases: names.into_iter().zip(types).collect(),
            }),
        ]
    })
}

/// A value in the spelling that comes out.
fn arbitrary_json(ty: &Type) -> BoxedStrategy<Value> {
    let number = |range: std::ops::RangeInclusive<i128>| {
        range
            .prop_map(|n| serde_json::from_str(&n.to_string()).unwrap())
            .boxed()
    };
    let odd =
        || proptest::sample::select(vec![json!("NaN"), json!("Infinity"), json!("-Infinity")]);
    let named = |name: &str| json_name(name).into_owned();
    let case = |cases: Vec<(String, Option<Type>)>| {
        let index = 0..cases.len();
        index.prop_flat_map(move |index| {
            let (name, ty) = cases[index].clone();
            let name = json_name(&name).into_owned();
            match ty {
                None => Just(Value::from(name)).boxed(),
                Some(ty) => arbitrary_json(&ty)
                    .prop_map(move |value| json!({name.clone(): value}))
                    .boxed(),
            }
        })
    };
    match ty {
        Type::Bool => any::<bool>().prop_map(Value::from).boxed(),
        Type::F32 => prop_oneof![
            8 => any::<f32>().prop_filter_map("finite", |f| {
                Number::from_f64(f.to_string().parse().unwrap()).map(Value::from)
            }),
            1 => odd(),
        ]
        .boxed(),
        Type::F64 => prop_oneof![
            8 => any::<f64>().prop_filter_map("finite", |f| Number::from_f64(f).map(Value::from)),
            1 => odd(),
        ]
        .boxed(),
        Type::Char => any::<char>()
            .prop_map(|c| Value::from(c.to_string()))
            .boxed(),
        Type::String => any::<String>().prop_map(Value::from).boxed(),
        Type::Option(inner) => {
            let nested = matches!(**inner, Type::Option(_));
            let some = arbitrary_json(inner).prop_map(move |value| match nested {
                true => json!({"some": value}),
                false => value,
            });
            prop_oneof![Just(Value::Null), some].boxed()
        }
        Type::List(inner) => proptest::collection::vec(arbitrary_json(inner), 0..4)
            .prop_map(Value::Array)
            .boxed(),
        Type::Tuple(types) => {
            let items: Vec<_> = types.iter().map(arbitrary_json).collect();
            items.prop_map(Value::Array).boxed()
        }
        Type::Record { fields, .. } => {
            let names: Vec<String> = fields.iter().map(|field| named(&field.name)).collect();
            let values: Vec<_> = fields
                .iter()
                .map(|field| arbitrary_json(&field.ty))
                .collect();
            values
                .prop_map(move |values| Value::Object(names.iter().cloned().zip(values).collect()))
                .boxed()
        }
        Type::Variant { cases, .. } => case(cases.clone()).boxed(),
        Type::Result { ok, err } => case(vec![
            ("ok".to_owned(), ok.as_deref().cloned()),
            ("err".to_owned(), err.as_deref().cloned()),
        ])
        .boxed(),
        Type::Enum { cases, .. } => {
            case(cases.iter().map(|case| (case.clone(), None)).collect()).boxed()
        }
        Type::Flags { flags, .. } => {
            let flags: Vec<Value> = flags.iter().map(|flag| named(flag).into()).collect();
            let most = flags.len();
            proptest::sample::subsequence(flags, 0..=most)
                .prop_map(Value::Array)
                .boxed()
        }
        integer => {
            let found = INTEGERS.iter().find(|(ty, ..)| ty == integer);
            let (_, least, most) = found.unwrap();
            number(*least..=*most)
        }
    }
}

pub(super) fn typed_json() -> impl Strategy<Value = (Type, Value)> {
    arbitrary_type().prop_flat_map(|ty| {
        let json = arbitrary_json(&ty);
        (Just(ty), json)
    })
}
