//! What a placeholder needs of the object that gives its value, beyond the grammar of its type.

use serde::Deserialize;

use crate::arn::Arn;

/// The needs of a placeholder. A value whose object does not meet them stays out of commands.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Needs {
    /// Whose object it has to be; none where no finding has the value.
    pub owner: Option<Owner>,
    /// How the ARN of the object begins behind the account, where an ARN names it. Other kinds of objects
    /// are told apart by the places in `from`.
    pub arn: Option<ArnPrefix>,
    /// The name of the placeholder whose value has to come from the same object.
    pub same_object_as: Option<String>,
    /// Whether a step blocks it, so that it must be nothing that many others need.
    pub is_blocked: bool,
}

/// Whose object a value may come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Owner {
    /// The account of the finding.
    ThisAccount,
    /// The account of the finding, in its Region.
    ThisRegion,
    /// Anybody: steps only look for it, or the finding says it of itself.
    Anyone,
}

/// A kind of object, by the service in its ARN and what stands there before the name: `iam:role/`, or
/// `s3:` where nothing but the name stands there.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct ArnPrefix {
    service: String,
    prefix: String,
}

impl ArnPrefix {
    /// Whether a name is none of another kind. A text that is no ARN says nothing of its kind.
    pub fn is_met_by(&self, name: &str) -> bool {
        let Some(arn) = Arn::read(name) else { return !name.starts_with("arn:") };
        let name = (arn.service == self.service).then(|| arn.resource.strip_prefix(&*self.prefix));
        let is_name = |name: &str| !self.prefix.is_empty() || !name.contains(['/', ':']);
        name.flatten().is_some_and(|name| !name.is_empty() && is_name(name))
    }
}

impl TryFrom<String> for ArnPrefix {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        match text.split_once(':') {
            Some((service, prefix)) if !service.is_empty() => {
                Ok(Self { service: service.to_owned(), prefix: prefix.to_owned() })
            }
            _ => Err(format!("{text:?} is no beginning of an ARN, as `iam:role/` is")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_arn_is_of_the_kind_that_its_service_and_resource_say() {
        for (prefix, arn, expected) in [
            ("iam:role/", "arn:aws:iam::111122223333:role/x", true),
            ("iam:role/", "arn:aws:iam::111122223333:role/", false),
            ("iam:role/", "arn:aws:iam::111122223333:user/x", false),
            ("iam:role/", "arn:aws:sts::111122223333:role/x", false),
            ("iam:role/", "GeneratedFindingRole", true),
            ("iam:role/", "arn:aws:iam", false),
            ("s3:", "arn:aws:s3:::logs", true),
            ("s3:", "arn:aws:s3:eu-west-1:111122223333:accesspoint/logs", false),
            ("s3:", "arn:aws:s3:::logs/key", false),
            ("lambda:function:", "arn:aws:lambda:eu-west-1:111122223333:function:f", true),
        ] {
            let prefix = ArnPrefix::try_from(prefix.to_owned()).unwrap();
            assert_eq!(prefix.is_met_by(arn), expected, "{prefix:?} {arn}");
        }
        assert!(ArnPrefix::try_from("role".to_owned()).is_err());
    }
}
