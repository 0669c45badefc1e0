//! `guest-calls MODULE FOLDER [INTERPRETED]`: what a call of a plugin costs beside a bare host's, in
//! turns in one process. Prints a table; leaves in the folder the component that it made of the
//! guest `measured`, and its native code.
//!
//! Ours is all that an activity's call goes through below the run: the JSON text of the arguments
//! is parsed, the plugin called with its rights, limits and meters as [`Engaged::call`] does, its
//! use noted, and the value written as JSON text.

use chaos_bench::{Bare, Memories, Sample, engine};
use chaos_host_api::budget::Ceilings;
use chaos_host_api::deadline::Deadline;
use chaos_host_api::ledger::NoLedger;
use chaos_host_api::{Door, Effect, Pass};
use chaos_wasm::plugin::compile::compile;
use chaos_wasm::plugin::{Compiler, Engaged, Guests, Kind, Loader, Plugins, Rights};
use chaos_wasm::provider::Call;
use chaos_wasm::substitution::Variables;
use rustix::time::{ClockId, clock_gettime};
use serde_json::{Map, Value, json};
use std::error::Error;
use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::runtime::Runtime;

type Outcome<T = ()> = Result<T, Box<dyn Error>>;

const USAGE: &str = "guest-calls MODULE FOLDER [INTERPRETED]";

/// How long one row is measured.
const ROW: Duration = Duration::from_millis(1500);

/// How many instances there may be at once.
const POOL: Memories = Memories::Pooled(16);

/// Records in a list.
const RECORDS: u32 = 1_000;

fn main() -> Outcome {
    let mut arguments = std::env::args_os().skip(1).map(PathBuf::from);
    let (module, folder) = (arguments.next(), arguments.next());
    let (module, folder) = module.zip(folder).ok_or(USAGE)?;
    let component = folder.join("measured.wasm");
    let native = folder.join("measured.cwasm");
    let bytes = chaos_wasm::plugin::component::component(std::fs::read(&module)?)?;
    let code = compile(&bytes)?;
    std::fs::write(&component, bytes)?;
    std::fs::write(&native, &code)?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    println!("Native code: {} KB.", code.len() / 1000);
    calls(&runtime, &component, &native)?;
    loads(&runtime, &component, &native, &folder.join("cache"))?;
    pooled(&native)?;
    match arguments.next() {
        Some(interpreted) => alone(&runtime, &interpreted),
        None => Ok(()),
    }
}

/// Each kind of value, both ways.
fn calls(runtime: &Runtime, component: &Path, native: &Path) -> Outcome {
    let ours = Ours::load(runtime, component, None)?;
    let bare = Bare::load(&engine(Memories::OnDemand)?, native)?;
    let text = "a line of text, as probes give it. ".repeat(60);
    let one: Vec<Sample> = bare.call::<_, (Vec<Sample>,)>("samples", (1_u32,))?.0;
    let one = one.into_iter().next().ok_or("no record")?;
    let many: Vec<Sample> = bare.call::<_, (Vec<Sample>,)>("samples", (RECORDS,))?.0;
    let one_json = ours.call(runtime, "samples", "{\"count\":1}")?;
    let one_json: Value = serde_json::from_str(&one_json)?;
    let many_json = ours.call(runtime, "samples", &json!({"count": RECORDS}).to_string())?;
    let many_json: Value = serde_json::from_str(&many_json)?;
    println!(
        "  {:<32}{:>11}{:>12}{:>7}{:>14}{:>12}{:>7}",
        "", "bare", "chaos-wasm", "ratio", "CPU: bare", "chaos-wasm", "ratio"
    );
    let row = |name: &str, function: &str, given: Value, bare: &dyn Fn() -> Outcome| {
        let given = given.to_string();
        let [bare, ours] = in_turns(bare, &|| {
            black_box(ours.call(runtime, function, &given)?);
            Ok(())
        })?;
        print_row(name, bare, ours);
        Outcome::Ok(())
    };
    row("a number", "number", json!({"value": 1.5}), &|| {
        black_box(bare.call::<_, (f64,)>("number", (1.5_f64,))?);
        Ok(())
    })?;
    row("a text of 2 KB", "text", json!({"value": text}), &|| {
        black_box(bare.call::<_, (String,)>("text", (text.as_str(),))?);
        Ok(())
    })?;
    let given = json!({"value": one_json[0]});
    row("a record of 10 fields", "sample", given, &|| {
        black_box(bare.call::<_, (Sample,)>("sample", (&one,))?);
        Ok(())
    })?;
    let given = json!({"count": RECORDS});
    row("1,000 records as its result", "samples", given, &|| {
        black_box(bare.call::<_, (Vec<Sample>,)>("samples", (RECORDS,))?);
        Ok(())
    })?;
    let given = json!({"values": many_json});
    row("1,000 records as its argument", "failures", given, &|| {
        black_box(bare.call::<_, (u32,)>("failures", (many.as_slice(),))?);
        Ok(())
    })
}

/// From what is kept of it to what can be called.
fn loads(runtime: &Runtime, component: &Path, native: &Path, cache: &Path) -> Outcome {
    let engine = engine(Memories::OnDemand)?;
    Ours::load(runtime, component, Some(cache))?;
    let [bare, ours] = in_turns(
        &|| {
            black_box(Bare::load(&engine, native)?);
            Ok(())
        },
        &|| {
            black_box(Ours::load(runtime, component, Some(cache))?);
            Ok(())
        },
    )?;
    print_row("loading it from the cache", bare, ours);
    Ok(())
}

/// What a pool of memories would gain and cost.
fn pooled(native: &Path) -> Outcome {
    let start = |memories| {
        black_box(engine(memories)?);
        Ok(())
    };
    let [on_demand, pool] = in_turns(&|| start(Memories::OnDemand), &|| start(POOL))?;
    let bare = Bare::load(&engine(Memories::OnDemand)?, native)?;
    let bare_pooled = Bare::load(&engine(POOL)?, native)?;
    let number = |bare: &Bare| {
        black_box(bare.call::<_, (f64,)>("number", (1.5_f64,))?);
        Ok(())
    };
    let [call, pool_call] = in_turns(&|| number(&bare), &|| number(&bare_pooled))?;
    println!(
        "  bare with a pool of 16: a number {} instead of {}; to start the engine {} instead of {}",
        micros(pool_call.wall),
        micros(call.wall),
        micros(pool.wall),
        micros(on_demand.wall)
    );
    Ok(())
}

/// A guest that an interpreter runs: its function `mean`.
fn alone(runtime: &Runtime, component: &Path) -> Outcome {
    let ours = Ours::load(runtime, component, None)?;
    let nothing = || Ok(());
    let [_, mean] = in_turns(&nothing, &|| {
        black_box(ours.call(runtime, "mean", "{\"values\":[1,2,3]}")?);
        Ok(())
    })?;
    let name = "a mean, by an interpreter";
    println!("  {name:<32}{:>11}{:>12}", "", micros(mean.wall));
    Ok(())
}

/// A loaded plugin and what its calls need.
struct Ours {
    engaged: Engaged,
    door: Arc<Door>,
    variables: Arc<Variables>,
    plugins: Plugins,
}

impl Ours {
    fn load(runtime: &Runtime, component: &Path, cache: Option<&Path>) -> Outcome<Ours> {
        let loader = Loader::new(cache, Compiler::Here);
        let rights = Rights::default();
        let engaged = runtime.block_on(Plugins::engage(component, &rights, &loader));
        Ok(Ours {
            engaged: engaged.map_err(|(message, hint)| format!("{message}\n{hint}"))?,
            door: Arc::new(Door::new(Arc::new(NoLedger), Ceilings::default())),
            variables: Arc::new(Variables::default()),
            plugins: Plugins::default(),
        })
    }

    /// JSON text to JSON text.
    fn call(&self, runtime: &Runtime, function: &str, given: &str) -> Outcome<String> {
        let given: Map<String, Value> = serde_json::from_str(given)?;
        let guests = Guests::default();
        let deadline = Deadline::after(Duration::from_secs(60));
        let call = Call {
            door: &self.door,
            pass: Pass::new("method/0", Effect::Read, deadline),
            variables: &self.variables,
            plugins: &self.plugins,
            guests: &guests,
            has_tolerance: true,
        };
        let called = self.engaged.call(
            function,
            Kind::Probe,
            &given,
            self.engaged.limits.clone(),
            Map::new(),
            &call,
        );
        let value = runtime.block_on(called)?;
        black_box(guests.take());
        Ok(value.to_string())
    }
}

/// What a piece of work takes, in seconds; medians.
#[derive(Clone, Copy)]
struct Taken {
    wall: f64,
    /// Of all threads: a busy machine adds little to it.
    cpu: f64,
}

/// Two pieces of work that take turns, so that a busy machine is so for both.
fn in_turns(first: &dyn Fn() -> Outcome, second: &dyn Fn() -> Outcome) -> Outcome<[Taken; 2]> {
    const LEAST: usize = 50;
    for _ in 0..10 {
        first()?;
        second()?;
    }
    let mut times = [const { (Vec::new(), Vec::new()) }; 2];
    let begun = Instant::now();
    while begun.elapsed() < ROW || times[0].0.len() < LEAST {
        for (work, (walls, cpus)) in [first, second].into_iter().zip(&mut times) {
            let (begun, cpu_begun) = (Instant::now(), cpu());
            work()?;
            walls.push(begun.elapsed().as_secs_f64());
            cpus.push(cpu() - cpu_begun);
        }
    }
    Ok(times.map(|(walls, cpus)| Taken {
        wall: median(walls),
        cpu: median(cpus),
    }))
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}

/// Seconds of CPU time that this process has used.
fn cpu() -> f64 {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    Duration::try_from(time).unwrap_or_default().as_secs_f64()
}

fn print_row(name: &str, bare: Taken, ours: Taken) {
    println!(
        "  {name:<32}{:>11}{:>12}{:>7.1}{:>14}{:>12}{:>7.1}",
        micros(bare.wall),
        micros(ours.wall),
        ours.wall / bare.wall,
        micros(bare.cpu),
        micros(ours.cpu),
        ours.cpu / bare.cpu,
    );
}

fn micros(seconds: f64) -> String {
    format!("{:.1} us", seconds * 1e6)
}
