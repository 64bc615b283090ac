//! How many pods run the new version at each step.
//!
//! Rounds as the controller does, so that a plan read in review is what the cluster would do. Knows
//! nothing of YAML; placing the numbers is left to `render`.

use crate::model::{Amount, Percent, Replicas};

/// Returns the canary's pods at each step.
///
/// Shares are rounded up, nothing exceeds `total`, and no step takes pods away from the one before
/// it: openkruise/rollouts:pkg/controller/batchrelease/control/util.go `CalculateBatchReplicas`, and
/// canarystyle/deployment/canary.go `UpgradeBatch`, which never scales down.
pub(super) fn plan_replicas(total: Replicas, steps: &[Amount]) -> Vec<Replicas> {
    let mut most = Replicas(0);
    steps
        .iter()
        .map(|&amount| {
            most = most.max(canary_replicas(total, amount));
            most
        })
        .collect()
}

fn canary_replicas(total: Replicas, amount: Amount) -> Replicas {
    match amount {
        Amount::Pods(pods) => pods.min(total),
        Amount::Share(share) => share_of(total, share),
    }
}

/// Returns the share of `total` pods, rounded up: a step of 1 % still starts one pod.
fn share_of(total: Replicas, share: Percent) -> Replicas {
    let hundredths = u64::from(total.0) * u64::from(share.hundredths());
    Replicas(u32::try_from(hundredths.div_ceil(100)).unwrap_or(total.0))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::plan_replicas;
    use crate::model::{Amount, Replicas};

    fn amounts() -> impl Strategy<Value = Vec<Amount>> {
        let share =
            (0u8..=100).prop_map(|share| Amount::Share(format!("{share}%").parse().unwrap()));
        let pods = (0u32..2000).prop_map(|pods| Amount::Pods(Replicas(pods)));
        prop::collection::vec(prop_oneof![share, pods], 1..8)
    }

    #[test]
    fn rounds_up_and_stops_at_the_total() {
        let amounts = ["1%", "33%", "99%"].map(|share| Amount::Share(share.parse().unwrap()));
        assert_eq!(plan_replicas(Replicas(5), &amounts), [1, 2, 5].map(Replicas));
        assert_eq!(plan_replicas(Replicas(4), &[Amount::Pods(Replicas(10))]), [Replicas(4)]);
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn steps_never_fall_and_never_exceed(total in 0u32..3000, amounts in amounts()) {
            let planned = plan_replicas(Replicas(total), &amounts);
            prop_assert!(planned.windows(2).all(|pair| pair[0] <= pair[1]));
            prop_assert!(planned.iter().all(|replicas| replicas.0 <= total));
            for (planned, amount) in planned.iter().zip(&amounts) {
                if let Amount::Share(share) = amount {
                    prop_assert!(u64::from(planned.0) * 100 >= u64::from(total) * u64::from(share.hundredths()));
                }
            }
        }
    }
}
