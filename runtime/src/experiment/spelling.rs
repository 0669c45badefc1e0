//! "Did you mean": misspelt keys and names.

use crate::document::{Pointer, Problem, Problems};
use serde_json::{Map, Value};

/// Words farther apart than this are different words.
const FARTHEST: usize = 3;

/// The candidate that `word` was most likely meant to be; never `word` itself.
pub(crate) fn nearest<'c>(
    word: &str,
    candidates: impl IntoIterator<Item = &'c str>,
) -> Option<&'c str> {
    let folded = fold(word);
    candidates
        .into_iter()
        .filter(|candidate| *candidate != word)
        // At least so far apart; a key may be a megabyte, and the distance's cost is the product.
        .filter(|candidate| candidate.len().abs_diff(word.len()) <= 4 * FARTHEST)
        .map(|candidate| {
            let distance = strsim::damerau_levenshtein(&folded, &fold(candidate));
            (distance, candidate)
        })
        .filter(|(distance, candidate)| {
            *distance <= (candidate.chars().count() / 4).clamp(1, FARTHEST)
        })
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// Case and the choice between `-` and `_` are the commonest slips and cost nothing.
fn fold(word: &str) -> String {
    word.chars()
        .flat_map(char::to_lowercase)
        .map(|character| if character == '_' { '-' } else { character })
        .collect()
}

/// A hint for a word that is none of `candidates`: the nearest, or all of them.
pub(crate) fn one_of(word: &str, candidates: &[&str]) -> String {
    nearest(word, candidates.iter().copied()).map_or_else(
        || format!("use one of: {}", candidates.join(", ")),
        |candidate| format!("did you mean '{candidate}'?"),
    )
}

/// Adds to the problem of a missing `key` the key of `object` that was probably meant to be it.
pub(crate) fn hint_misspelt(problem: &mut Problem, object: &Map<String, Value>, key: &str) {
    let culprit = object
        .keys()
        .find(|present| nearest(present, [key]).is_some());
    if let Some(culprit) = culprit {
        problem.hint(format!("there is a key '{culprit}': did you mean '{key}'?"));
    }
}

/// Warns of keys that nobody reads but that look like one of `optional`, which would be.
///
/// Unknown keys are legal; a close miss of a known one is most likely a slip.
pub(crate) fn warn_misspelt(
    object: &Map<String, Value>,
    required: &[&str],
    optional: &[&str],
    at: &Pointer,
    problems: &mut Problems,
) {
    let is_known = |key: &&String| {
        let key = key.as_str();
        required.contains(&key) || optional.contains(&key)
    };
    for key in object.keys().filter(|key| !is_known(key)) {
        let absent = optional
            .iter()
            .copied()
            .filter(|known| !object.contains_key(*known));
        if let Some(known) = nearest(key, absent) {
            problems
                .warning(&at.key(key), format!("unknown key '{key}' has no effect"))
                .hint(format!("did you mean '{known}'?"));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn the_nearest_name_is_found_and_strangers_are_not() {
        let keys = ["steady-state-hypothesis", "method", "rollbacks", "tags"];
        assert_eq!(nearest("Steady_State_Hypothesis", keys), Some(keys[0]));
        assert_eq!(nearest("methods", keys), Some("method"));
        assert_eq!(nearest("tag", keys), Some("tags"));
        assert_eq!(nearest("method", keys), None);
        assert_eq!(nearest("x-owner", keys), None);
        assert_eq!(nearest("", keys), None);
    }

    #[test]
    fn only_close_misses_of_absent_keys_are_warned_of() {
        let Value::Object(object) =
            json!({"name": 1, "pause": 1, "background": 1, "Background": 1, "owner": 1})
        else {
            return;
        };
        let mut problems = Problems::new();
        warn_misspelt(
            &object,
            &["name"],
            &["pauses", "background"],
            &Pointer::root(),
            &mut problems,
        );
        let warned: Vec<_> = problems.iter().map(|p| p.pointer.as_str()).collect();
        assert_eq!(warned, ["/pause"]);
    }
}
