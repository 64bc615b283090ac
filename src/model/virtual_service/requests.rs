//! The requests that the rules of a VirtualService give to the canary at a step.

use crate::rollout::{HeaderChange, Percent, RequestMatch, StepTraffic};

/// The requests that go to the canary.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum CanaryRequests<'s> {
    /// None: the rules stay as they were.
    None,
    /// A share of the requests of each rule that sends to stable.
    Share(Percent),
    /// The requests that any of the matches describes; their headers may be changed.
    Matches { matches: &'s [RequestMatch], headers: Option<&'s HeaderChange> },
}

impl<'s> CanaryRequests<'s> {
    /// Returns what a step means for a VirtualService, where matches win over a share.
    ///
    /// So has it openkruise/rollouts:lua_configuration/networking.istio.io/VirtualService
    /// /trafficRouting.lua. Headers are changed only of requests that a match describes.
    pub(crate) fn of(traffic: &'s StepTraffic) -> Self {
        let StepTraffic { share, matches, headers } = traffic;
        match share {
            _ if !matches.is_empty() => Self::Matches { matches, headers: headers.as_ref() },
            Some(share) => Self::Share(*share),
            None => Self::None,
        }
    }

    /// Returns the matches; none where a share of all requests goes to the canary.
    pub(crate) fn matches(self) -> &'s [RequestMatch] {
        match self {
            Self::Matches { matches, .. } => matches,
            Self::None | Self::Share(_) => &[],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::CanaryRequests;
    use crate::rollout::{HeaderChange, PathMatch, RequestMatch, StepTraffic};

    #[test]
    fn matches_win_over_a_share() {
        let share = "20%".parse().unwrap();
        let beta = PathMatch::Prefix("/beta".to_owned());
        let matches = vec![RequestMatch { path: Some(beta), ..RequestMatch::default() }];
        let headers =
            Some(HeaderChange { remove: vec!["x".to_owned()], ..HeaderChange::default() });
        let both = StepTraffic { share: Some(share), matches, headers };
        let expected =
            CanaryRequests::Matches { matches: &both.matches, headers: both.headers.as_ref() };
        assert_eq!(CanaryRequests::of(&both), expected);
        let alone = StepTraffic { matches: Vec::new(), ..both.clone() };
        assert_eq!(CanaryRequests::of(&alone), CanaryRequests::Share(share));
        assert_eq!(CanaryRequests::of(&StepTraffic::default()), CanaryRequests::None);
    }
}
