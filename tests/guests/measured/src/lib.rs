//! What the benchmarks call: next to no work of its own, values of several sizes in and out.

/// Values that go in, come out, or both.
#[chaos_plugin::probes]
pub mod probes {
    /// One answer of a service, as a probe would report it.
    #[derive(Debug, Clone, PartialEq)]
    pub struct Sample {
        pub name: String,
        pub url: String,
        pub status: u16,
        pub requests: u32,
        pub failures: u32,
        pub p50_ms: f64,
        pub p99_ms: f64,
        pub healthy: bool,
        pub zone: Option<String>,
        pub mood: Mood,
    }

    /// How it went.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub enum Mood {
        Calm,
        Busy,
        Overloaded,
    }

    /// Gives back a number.
    pub fn number(value: f64) -> f64 {
        value
    }

    /// Gives back a text.
    pub fn text(value: String) -> String {
        value
    }

    /// Gives back a record.
    pub fn sample(value: Sample) -> Sample {
        value
    }

    /// So many records.
    pub fn samples(count: u32) -> Vec<Sample> {
        (0..count)
            .map(|number| Sample {
                name: format!("checkout-{number}"),
                url: "http://checkout.shop.svc:8080/cart".to_owned(),
                status: 200,
                requests: number,
                failures: 0,
                p50_ms: 1.25,
                p99_ms: 17.5,
                healthy: true,
                zone: Some("eu-central-1a".to_owned()),
                mood: Mood::Busy,
            })
            .collect()
    }

    /// How many requests failed in all of them.
    pub fn failures(values: Vec<Sample>) -> u32 {
        values.iter().map(|sample| sample.failures).sum()
    }
}
