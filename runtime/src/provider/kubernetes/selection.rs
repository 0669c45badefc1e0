//! Which pods and nodes an action takes.

use super::failure::{failed, type_error, value_error};
use super::session::Session;
use crate::provider::Failure;
use crate::tolerance::PythonRegex;
use std::hash::{BuildHasher, RandomState};

/// How many of the candidates are taken, and which.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Amount {
    /// Every one.
    All,
    /// So many, or so many in a hundred; a sample if `random`, else the first ones.
    Some {
        quantity: f64,
        percentage: bool,
        random: bool,
    },
}

/// In which order candidates stand before some of them are taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Order {
    /// As the server lists them: by name.
    Listed,
    /// By creation.
    Oldest,
}

impl Amount {
    /// Reads `all`, `rand`, `mode`, `qty` and `order`, checked in the reference's order, even where
    /// `all` makes them moot. A function that has none of them takes the first.
    pub(super) fn read(session: &Session<'_>) -> Result<(Amount, Order), Failure> {
        let arguments = &session.arguments;
        if arguments.get("qty").is_null() && arguments.get("mode").is_null() {
            return Ok((Amount::first(), Order::Listed));
        }
        let quantity = arguments.number("qty")?;
        if quantity < 0.0 {
            let shown = arguments.shown("qty");
            return Err(failed(format!(
                "Cannot select pods. Quantity '{shown}' is negative."
            )));
        }
        let percentage = match arguments.get("mode").as_str() {
            Some("fixed") => false,
            Some("percentage") => true,
            _ => {
                let shown = arguments.shown("mode");
                return Err(failed(format!(
                    "Cannot select pods. Mode '{shown}' is invalid."
                )));
            }
        };
        let order = match arguments.get("order").as_str() {
            Some("alphabetic") => Order::Listed,
            Some("oldest") => Order::Oldest,
            _ => {
                let shown = arguments.shown("order");
                return Err(failed(format!(
                    "Cannot select pods. Order '{shown}' is invalid."
                )));
            }
        };
        if arguments.flag("all")? {
            return Ok((Amount::All, order));
        }
        if !percentage && quantity.fract() != 0.0 {
            return Err(type_error(
                "argument 'qty' must be an integer when mode is 'fixed'".into(),
            ));
        }
        let amount = Amount::Some {
            quantity,
            percentage,
            random: arguments.flag("rand")?,
        };
        Ok((amount, order))
    }

    fn first() -> Amount {
        Amount::Some {
            quantity: 1.0,
            percentage: false,
            random: false,
        }
    }

    /// Takes from the candidates.
    pub(super) fn take<T>(self, mut candidates: Vec<T>) -> Vec<T> {
        let Amount::Some {
            quantity,
            percentage,
            random,
        } = self
        else {
            return candidates;
        };
        let wanted = match percentage {
            true => (quantity * candidates.len() as f64 / 100.0).ceil(),
            false => quantity,
        };
        // Saturates: more than there are is all of them.
        let wanted = (wanted as usize).min(candidates.len());
        if random {
            sample(candidates, wanted)
        } else {
            candidates.truncate(wanted);
            candidates
        }
    }
}

/// `wanted` of the items, none twice, in random order.
pub(super) fn sample<T>(mut items: Vec<T>, wanted: usize) -> Vec<T> {
    let wanted = wanted.min(items.len());
    // The standard library's hash keys come from the operating system's randomness; which pod
    // dies needs no more than that.
    let random = RandomState::new();
    for place in 0..wanted {
        let left = items.len() - place;
        let pick = usize::try_from(random.hash_one(place) % left as u64).unwrap_or_default();
        items.swap(place, place + pick);
    }
    items.truncate(wanted);
    items
}

/// Keeps what `pattern` is found in, anywhere, as Python's `re.search` does.
pub(super) fn search<T>(
    pattern: Option<&str>,
    items: Vec<T>,
    text: impl Fn(&T) -> &str,
) -> Result<Vec<T>, Failure> {
    let Some(pattern) = pattern else {
        return Ok(items);
    };
    let pattern = regex(pattern)?;
    let mut kept = Vec::new();
    for item in items {
        if found(&pattern, text(&item))? {
            kept.push(item);
        }
    }
    Ok(kept)
}

/// A pattern of Python's `re`.
pub(super) fn regex(pattern: &str) -> Result<PythonRegex, Failure> {
    PythonRegex::new(pattern).map_err(|error| Failure::Failed(format!("re.error: {error}")))
}

/// Whether it is found. A search that would take too long is a failure.
pub(super) fn found(pattern: &PythonRegex, text: &str) -> Result<bool, Failure> {
    pattern
        .search(text)
        .map_err(|error| Failure::Failed(format!("re.error: {error}")))
}

/// `{name}` put into a selector as Python's `str.format` does.
pub(super) fn format_name(selector: &str, name: &str) -> Result<String, Failure> {
    let mut text = String::with_capacity(selector.len() + name.len());
    let mut rest = selector;
    while let Some(at) = rest.find(['{', '}']) {
        let (before, from) = rest.split_at(at);
        text.push_str(before);
        if let Some(after) = from.strip_prefix("{{") {
            text.push('{');
            rest = after;
        } else if let Some(after) = from.strip_prefix("}}") {
            text.push('}');
            rest = after;
        } else if let Some(after) = from.strip_prefix("{name}") {
            text.push_str(name);
            rest = after;
        } else {
            return Err(value_error(format!(
                "the selector '{selector}' has a brace that is not part of '{{name}}'"
            )));
        }
    }
    text.push_str(rest);
    Ok(text)
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a panic is a failed test")]

    use super::*;
    use proptest::prelude::*;

    fn some(quantity: f64, percentage: bool, random: bool) -> Amount {
        Amount::Some {
            quantity,
            percentage,
            random,
        }
    }

    #[test]
    fn amounts_are_rounded_up_and_capped() {
        for (quantity, percentage, of, expected) in [
            (1.0, true, 3, 1),
            (34.0, true, 3, 2),
            (250.0, true, 3, 3),
            (0.5, true, 3, 1),
            (0.0, true, 3, 0),
            (9.0, false, 3, 3),
            (0.0, false, 3, 0),
            (1e300, false, 3, 3),
            (50.0, true, 0, 0),
        ] {
            let taken = some(quantity, percentage, false).take((0..of).collect());
            assert_eq!(
                taken,
                (0..expected).collect::<Vec<_>>(),
                "{quantity} of {of}"
            );
        }
        assert_eq!(Amount::All.take(vec![1, 2, 3]), [1, 2, 3]);
    }

    #[test]
    fn every_item_is_sampled_sooner_or_later() {
        let firsts: std::collections::HashSet<i32> = (0..500)
            .filter_map(|_| sample(vec![1, 2, 3, 4], 1).first().copied())
            .collect();
        assert_eq!(firsts.len(), 4);
    }

    #[test]
    fn selectors_are_formatted_as_python_does() {
        let format = |selector| format_name(selector, "web").ok();
        assert_eq!(format("name in ({name})").unwrap(), "name in (web)");
        assert_eq!(format("a={{b}}").unwrap(), "a={b}");
        assert_eq!(format("app=x").unwrap(), "app=x");
        for wrong in ["a={b}", "a={", "a=}", "a={}"] {
            assert_eq!(format(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn names_are_searched_not_matched() {
        let names = vec!["web-1".to_owned(), "my-web".into(), "WEB".into()];
        let kept = search(Some("web"), names.clone(), |n| n).unwrap();
        assert_eq!(kept, ["web-1", "my-web"]);
        assert_eq!(search(None, names.clone(), |n| n).unwrap().len(), 3);
        assert!(search(Some("("), names, |n| n).is_err());
    }

    proptest! {
        #[test]
        fn a_sample_has_no_repeats_and_the_right_size(of in 0_usize..50, wanted in 0_usize..60) {
            let mut taken = sample((0..of).collect::<Vec<_>>(), wanted);
            prop_assert_eq!(taken.len(), wanted.min(of));
            taken.sort_unstable();
            taken.dedup();
            prop_assert_eq!(taken.len(), wanted.min(of));
        }

        #[test]
        fn formatting_never_panics(selector in ".*", name in ".*") {
            let _ = format_name(&selector, &name);
        }
    }
}
