//! Copies of requests, which go to destinations beside those of the route.

use super::Share;
use super::read::{Field, Undecided};
use super::weights::{Target, Weighted};

/// In how many parts Envoy cuts a percentage that may have decimals.
const MILLION: u64 = 1_000_000;

/// What a rule says about mirrors; a delegate's rule takes over what it leaves open.
#[derive(Debug, Clone, Default)]
pub(super) struct Mirrors {
    mirror: Option<Target>,
    /// That of `mirror`, in either of its two forms.
    percentage: Option<Share>,
    percent: Option<Share>,
    mirrors: Vec<Weighted>,
}

impl Mirrors {
    pub(super) fn read(rule: &Field<'_>) -> Result<Self, Undecided> {
        let mirror = rule.child("mirror").present();
        let mut mirrors = Vec::new();
        for entry in rule.child("mirrors").maps()? {
            let share = read_percentage(&entry.child("percentage"))?.unwrap_or(Share::ALL);
            mirrors.push((Target::read(&entry.child("destination"))?, share));
        }
        // The older spelling is a field of the schema too.
        let percent = rule.child("mirrorPercent").present();
        let percent = percent.unwrap_or_else(|| rule.child("mirror_percent")).number(100)?;
        Ok(Self {
            mirror: mirror.map(|field| Target::read(&field)).transpose()?,
            percentage: read_percentage(&rule.child("mirrorPercentage"))?,
            percent: percent.and_then(|percent| Share::of(percent, 100)),
            mirrors,
        })
    }

    /// Fills what is left open with what the rule says that delegates.
    ///
    /// From istio/istio:pilot/pkg/model/virtualservice.go `mergeHTTPRoute`.
    pub(super) fn inherit(self, root: &Self) -> Self {
        Self {
            mirror: self.mirror.or_else(|| root.mirror.clone()),
            percentage: self.percentage.or(root.percentage),
            percent: self.percent.or(root.percent),
            mirrors: if self.mirrors.is_empty() { root.mirrors.clone() } else { self.mirrors },
        }
    }

    /// Returns the destinations that get copies, each with its share of the requests.
    ///
    /// From istio/istio:pilot/pkg/networking/core/route/route.go `MirrorPercent`.
    pub(super) fn shares(&self) -> Vec<Weighted> {
        let share = self.percentage.or(self.percent).unwrap_or(Share::ALL);
        let first = self.mirror.iter().map(|target| (target.clone(), share));
        let all = first.chain(self.mirrors.iter().cloned());
        all.filter(|(_, share)| !share.is_none()).collect()
    }
}

/// Reads a percentage with decimals, as exactly as Envoy is told it.
///
/// From istio/istio:pilot/pkg/networking/core/route/route.go `translatePercentToFractionalPercent`.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "cut off as upstream")]
fn read_percentage(field: &Field<'_>) -> Result<Option<Share>, Undecided> {
    if field.is_absent() {
        return Ok(None);
    }
    field.entries()?;
    let value = field.child("value").float()?.unwrap_or(0.0);
    if !(0.0..=100.0).contains(&value) {
        return Err(field.child("value").invalid("must be from 0 to 100"));
    }
    Ok(Share::of((value * 10_000.0) as u64, MILLION))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::Mirrors;
    use crate::simulate::Name;
    use crate::simulate::read::Field;

    fn told(rule: &Value) -> String {
        let name = Name::new("shop", "web");
        match Mirrors::read(&Field::root("VirtualService", &name, rule)) {
            Ok(mirrors) => tell(&mirrors),
            Err(undecided) => undecided.to_string(),
        }
    }

    fn tell(mirrors: &Mirrors) -> String {
        let shares = mirrors.shares();
        let told = shares.iter().map(|(target, share)| format!("{}={share}", target.host));
        told.collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn a_mirror_gets_everything_or_its_percentage() {
        let to = json!({"host": "a"});
        for (rule, text) in [
            (json!({}), ""),
            (json!({"mirror": to}), "a=1"),
            (json!({"mirror": to, "mirrorPercent": 20}), "a=1/5"),
            (
                json!({"mirror": to, "mirrorPercentage": {"value": 0.1}, "mirrorPercent": 9}),
                "a=1/1000",
            ),
            (json!({"mirror": to, "mirrorPercentage": {}}), ""),
            (
                json!({"mirrors": [{"destination": to}, {"destination": {"host": "b"}, "percentage": {"value": 50}}]}),
                "a=1 b=1/2",
            ),
        ] {
            assert_eq!(told(&rule), text, "{rule}");
        }
        let told = told(&json!({"mirror": to, "mirrorPercentage": {"value": 101}}));
        assert!(told.ends_with("`mirrorPercentage.value`: must be from 0 to 100"), "{told}");
    }

    #[test]
    fn delegates_inherit_what_they_leave_open() {
        let name = Name::new("shop", "web");
        let read =
            |rule: &Value| Mirrors::read(&Field::root("VirtualService", &name, rule)).unwrap();
        let root = read(&json!({"mirror": {"host": "a"}, "mirrorPercent": 50}));
        assert_eq!(tell(&read(&json!({})).inherit(&root)), "a=1/2");
        assert_eq!(tell(&read(&json!({"mirror": {"host": "b"}})).inherit(&root)), "b=1/2");
    }
}
