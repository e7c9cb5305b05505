"""What a responder does in one incident each: the set-up, the runbook's steps, the state afterwards."""

from . import account, bucket, function, identity, instance

FLOWS = [*account.FLOWS, *instance.FLOWS, *identity.FLOWS, *bucket.FLOWS, *function.FLOWS]
