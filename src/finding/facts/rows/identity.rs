//! Identities and databases.

use super::{Row, each, tags};

pub(super) const PRINCIPAL: Row = each(
    "Principal",
    "resource.accessKeyDetails",
    &[
        ("", "userName"),
        ("type", "userType"),
        ("access key", "accessKeyId"),
        ("principal ID", "principalId"),
    ],
);

pub(super) const DATABASE: Row = each(
    "Database",
    "resource.rdsDbInstanceDetails",
    &[
        ("", "dbInstanceIdentifier"),
        ("engine", "engine"),
        ("version", "engineVersion"),
        ("cluster", "dbClusterIdentifier"),
        ("ARN", "dbInstanceArn"),
        ("resource ID", "dbiResourceId"),
    ],
);

pub(super) const LIMITLESS: Row = each(
    "Database",
    "resource.rdsLimitlessDbDetails",
    &[
        ("", "dbShardGroupIdentifier"),
        ("engine", "engine"),
        ("version", "engineVersion"),
        ("cluster", "dbClusterIdentifier"),
        ("ARN", "dbShardGroupArn"),
        ("resource ID", "dbShardGroupResourceId"),
    ],
);

pub(super) const DATABASE_USER: Row = each(
    "Database user",
    "resource.rdsDbUserDetails",
    &[
        ("", "user"),
        ("database", "database"),
        ("application", "application"),
        ("authentication", "authMethod"),
        ("TLS", "ssl"),
    ],
);

pub(super) const DATABASE_TAGS: Row = tags("resource.rdsDbInstanceDetails.tags[]");
pub(super) const LIMITLESS_TAGS: Row = tags("resource.rdsLimitlessDbDetails.tags[]");
