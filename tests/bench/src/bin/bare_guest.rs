//! The bare host as a process: `bare-guest FILE-OF-NATIVE-CODE NUMBER` prints what the guest
//! `measured` gives back.

use chaos_bench::{Bare, Memories, engine};
use std::path::Path;

fn main() -> wasmtime::Result<()> {
    let mut arguments = std::env::args().skip(1);
    let (Some(file), Some(number)) = (arguments.next(), arguments.next()) else {
        return Err(wasmtime::format_err!("bare-guest FILE NUMBER"));
    };
    let bare = Bare::load(&engine(Memories::OnDemand)?, Path::new(&file))?;
    let (number,): (f64,) = bare.call("number", (number.parse::<f64>()?,))?;
    println!("{number}");
    Ok(())
}
