//! Means.

use crate::probes::MeanType;
use crate::server::Failure;

/// The mean of at least one value.
pub(crate) fn of(values: &[f64], mean_type: MeanType) -> Result<f64, Failure> {
    let count = values.len() as f64;
    match mean_type {
        MeanType::Arithmetic => Ok(values.iter().sum::<f64>() / count),
        MeanType::Geometric => match values.iter().any(|value| *value <= 0.0) {
            true => Err(Failure::Mean("geometric", "0 or less")),
            false => Ok((values.iter().map(|value| value.ln()).sum::<f64>() / count).exp()),
        },
        MeanType::Harmonic => match values.iter().any(|value| *value < 0.0) {
            true => Err(Failure::Mean("harmonic", "less than 0")),
            // One 0 makes it 0: its part of the sum is endless.
            false => Ok(count / values.iter().map(|value| value.recip().abs()).sum::<f64>()),
        },
    }
}
