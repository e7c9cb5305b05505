//! Amazon Resource Names: which service, Region and account a resource belongs to.

/// The parts of an Amazon Resource Name
/// (<https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html>).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Arn<'t> {
    /// The service: `iam`.
    pub(crate) service: &'t str,
    /// The Region; empty where the service has none in its names.
    pub(crate) region: &'t str,
    /// The account; empty where the service has none in its names.
    pub(crate) account: &'t str,
    /// What the service calls it: `role/deploy`.
    pub(crate) resource: &'t str,
}

impl<'t> Arn<'t> {
    /// Reads one; none for a text that is no ARN.
    pub(crate) fn read(text: &'t str) -> Option<Self> {
        let parts: Vec<&str> = text.splitn(6, ':').collect();
        let ["arn", _partition, service, region, account, resource] = parts[..] else {
            return None;
        };
        Some(Self { service, region, account, resource })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_arn_has_six_parts_and_the_last_is_the_services_own() {
        let arn = Arn::read("arn:aws:iam::444455556666:role/a:b").unwrap();
        let parts = (arn.service, arn.region, arn.account, arn.resource);
        assert_eq!(parts, ("iam", "", "444455556666", "role/a:b"));
        for text in ["arn:aws:iam::role", "i-1", "", "urn:aws:iam::444455556666:role/a"] {
            assert_eq!(Arn::read(text), None, "{text}");
        }
    }
}
