//! The names and marks of what a rollout adds.

/// What the name of a canary object ends with.
pub(crate) const CANARY_SUFFIX: &str = "-canary";

/// The label that marks what belongs to a canary; its value is the name of the workload.
///
/// From openkruise/rollouts:pkg/util/constant.go `CanaryDeploymentLabel`.
pub(crate) const CANARY_DEPLOYMENT_LABEL: &str = "rollouts.kruise.io/canary-deployment";

/// The annotation that marks a Service as ours and names its stable twin.
pub(crate) const CANARY_OF_ANNOTATION: &str = "rollstep.dev/canary-of";

/// The longest name of a Service and the longest value of a label.
const MAX_LENGTH: usize = 63;

/// Returns `name` with `suffix`, cut to 63 bytes with a hash where it would be longer.
///
/// The hash is that of the whole name, so that two long names stay apart.
pub(crate) fn with_suffix(name: &str, suffix: &str) -> String {
    let whole = format!("{name}{suffix}");
    if whole.len() <= MAX_LENGTH {
        return whole;
    }
    let hash = format!("-{:08x}", hash(name));
    let room = MAX_LENGTH.saturating_sub(hash.len() + suffix.len());
    let cut: String = name.chars().take(room).collect();
    let head = cut.trim_end_matches(|last: char| !last.is_ascii_alphanumeric());
    format!("{head}{hash}{suffix}")
}

/// 32-bit FNV-1a: short, and the same everywhere.
fn hash(text: &str) -> u32 {
    text.bytes().fold(0x811c_9dc5, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193))
}

#[cfg(test)]
mod tests {
    use super::with_suffix;

    #[test]
    fn long_names_are_cut_and_stay_apart() {
        assert_eq!(with_suffix("web", "-canary"), "web-canary");
        let (first, second) = (format!("{}-a", "x".repeat(60)), format!("{}-b", "x".repeat(60)));
        let names = [first, second].map(|name| with_suffix(&name, "-canary"));
        assert!(
            names.iter().all(|name| name.len() == 63 && name.ends_with("-canary")),
            "{names:?}"
        );
        assert_ne!(names[0], names[1]);
    }
}
