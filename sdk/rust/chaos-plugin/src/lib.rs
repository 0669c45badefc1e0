//! Probes, actions and controls for chaos-wasm as plain Rust functions.
//!
//! ```
//! /// What the shop is like.
//! #[chaos_plugin::probes]
//! pub mod probes {
//!     use chaos_plugin::http;
//!
//!     /// How many orders are waiting.
//!     pub fn waiting(
//!         /// The shop's address, without a slash at the end.
//!         base_url: &str,
//!     ) -> Result<u32, String> {
//!         let answer = http::get(format!("{base_url}/orders/waiting")).and_then(http::Response::success);
//!         let answer = answer.map_err(|error| error.to_string())?;
//!         answer.text().trim().parse().map_err(|error| format!("not a number: {error}"))
//!     }
//! }
//!
//! # fn main() {
//! let host = chaos_plugin::mock::Host::new();
//! host.answer("GET", "http://shop.test/orders/waiting", chaos_plugin::mock::Response::new(200).body("3\n"));
//! assert_eq!(probes::waiting("http://shop.test"), Ok(3));
//! # }
//! ```
//!
//! The attributes make WebAssembly exports of a module's public functions, whose types an
//! experiment's arguments are checked against before it runs:
//!
//! | Rust | WIT | JSON |
//! |---|---|---|
//! | `bool`, `char`, `u8` .. `u64`, `i8` .. `i64`, `f32`, `f64` | the same, `s8` .. `s64` | boolean, text, number |
//! | `String`; as parameter also `&str` | `string` | text |
//! | `Vec<T>`; as parameter also `&[T]` | `list<T>` | array |
//! | `Option<T>`; as parameter also `Option<&str>`, `Option<&[T]>`, `Option<&T>` | `option<T>` | value, or null, or left out |
//! | `(A, B)` | `tuple<A, B>` | array |
//! | a struct of the module, with named fields; as parameter also by `&` | record | object |
//! | a struct of `bool`s under `#[flags]` | flags | array of names |
//! | an enum of the module, cases with at most one value | enum, variant | `"case"`, `{"case": value}` |
//! | `Result<T, E>` as a value | `result<T, E>` | `{"ok": value}`, `{"err": value}` |
//! | [`Json`] | record of one text | any value |
//!
//! A function's own `Result` is the activity's end: `Err` fails it. An error type that is not in
//! the table is turned into its text. Comments on the module, its functions, parameters, types and
//! fields are shown by `chaos-wasm plugin inspect`.
//!
//! Everything that a plugin may do beyond computing is in the modules below, done by the host, and
//! granted by `plugin.toml` and the operator's policy. Natively there is [`mock`], so that
//! `cargo test` runs a plugin's functions as they are.

#[cfg(target_family = "wasm")]
#[path = "host/guest.rs"]
mod host;
#[cfg(not(target_family = "wasm"))]
#[path = "host/native.rs"]
mod host;

pub mod clock;
pub mod configuration;
pub mod http;
mod json;
pub mod kubernetes;
pub mod log;
#[cfg(not(target_family = "wasm"))]
pub mod mock;
pub mod random;
pub mod secrets;

pub use chaos_plugin_macros::{actions, controls, probes, types};
pub use json::Json;

/// For plugins with a WIT of their own; in the very version that the attributes use.
#[cfg(target_family = "wasm")]
pub use wit_bindgen;

#[doc(hidden)]
pub use chaos_plugin_macros::__with_types;

/// What the attributes' code calls.
#[doc(hidden)]
pub mod __private {
    /// An error as the text that the activity's failure has.
    pub fn text(error: &impl std::fmt::Display) -> String {
        // `#`: errors of `anyhow` and `eyre` add their causes.
        format!("{error:#}")
    }
}
