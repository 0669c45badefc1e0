//! A plugin whose interface is written in WIT, in `wit/shop.wit`.
//!
//! The functions are apart from the bindings, so that they are tested natively.

/// Divides.
///
/// # Errors
/// By zero, or the result is too large.
pub fn divide(dividend: i32, divisor: i32) -> Result<i32, String> {
    chaos_plugin::log::debug(format!("dividing {dividend} by {divisor}"));
    let result = dividend.checked_div(divisor);
    result.ok_or_else(|| format!("{dividend} cannot be divided by {divisor}"))
}

#[cfg(target_family = "wasm")]
mod exports {
    chaos_plugin::wit_bindgen::generate!({
        path: "wit",
        world: "shop",
        runtime_path: "::chaos_plugin::wit_bindgen::rt",
    });

    use exports::acme::shop::probes::{Guest, Order};

    struct Shop;

    impl Guest for Shop {
        fn largest(orders: Vec<Order>) -> Option<Order> {
            chaos_plugin::log::install_panic_hook();
            orders.into_iter().max_by_key(|order| order.items.len())
        }

        fn divide(dividend: i32, divisor: i32) -> Result<i32, String> {
            chaos_plugin::log::install_panic_hook();
            crate::divide(dividend, divisor)
        }
    }

    export!(Shop with_types_in self);
}

#[cfg(test)]
mod tests {
    #[test]
    fn division_by_zero_is_an_error() {
        let host = chaos_plugin::mock::Host::new();
        assert_eq!(super::divide(7, 2), Ok(3));
        assert_eq!(
            super::divide(7, 0),
            Err("7 cannot be divided by 0".to_owned())
        );
        assert_eq!(host.log().len(), 2);
    }
}
