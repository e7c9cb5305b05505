"""Reads queries of CloudWatch Logs Insights: `complaints(query)` names what Insights would not take.

The commands, operators and functions are those of AWS's query syntax that guidance has use for
(https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CWL_QuerySyntax.html); whatever else a
query holds is a complaint. Insights takes any field name and finds nothing where there is none, so
each name must be one that its kind of log has.
"""

import re

SYSTEM = "@timestamp @message @logStream @log @ingestionTime"
# https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CWL_AnalyzeLogData-discoverable-fields.html
# and, for logs in JSON, the fields of the event; `…` stands for whatever lies below.
LOGS = {
    "CloudTrail": """eventVersion userIdentity.… eventTime eventSource eventName awsRegion sourceIPAddress
        userAgent errorCode errorMessage requestParameters.… responseElements.… additionalEventData.…
        requestID eventID readOnly eventType managementEvent recipientAccountId vpcEndpointId
        vpcEndpointAccountId eventCategory tlsDetails.…""",
    "VPC flow logs": """accountId endTime interfaceId logStatus startTime version action bytes dstAddr dstPort
        packets protocol srcAddr srcPort""",
    "Route 53 Resolver": """version account_id region vpc_id query_timestamp query_name query_type query_class
        rcode answers.… srcaddr srcport transport srcids.instance srcids.resolver_endpoint
        firewall_rule_action firewall_rule_group_id firewall_domain_list_id""",
    "Lambda": "@requestId @duration @billedDuration @type @maxMemoryUsed @memorySize @initDuration",
    # https://kubernetes.io/docs/reference/config-api/apiserver-audit.v1/#audit-k8s-io-v1-Event
    "Kubernetes audit": """level auditID stage requestURI verb user.username user.uid user.groups.…
        user.extra.… impersonatedUser.… sourceIPs.… userAgent objectRef.resource objectRef.namespace
        objectRef.name objectRef.uid objectRef.apiGroup objectRef.apiVersion objectRef.resourceVersion
        objectRef.subresource responseStatus.code responseStatus.reason responseStatus.message
        responseStatus.status requestObject.… responseObject.… requestReceivedTimestamp stageTimestamp
        annotations.…""",
    # https://docs.aws.amazon.com/bedrock/latest/userguide/model-invocation-logging.html
    "Bedrock invocations": """schemaType schemaVersion timestamp accountId identity.arn region requestId
        operation modelId input.… output.… errorCode inferenceRegion""",
}
AGGREGATES = {"count", "count_distinct", "sum", "avg", "min", "max", "earliest", "latest"}
FUNCTIONS = {"ispresent", "isempty", "isblank", "strlen", "tolower", "toupper", "substr", "coalesce",
             "isIpv4InSubnet", "isIpv6InSubnet", "bin", "datefloor"}
TOKEN = re.compile(r"""\s+ | (?P<regex>/(?:\\.|[^/\\\n])+/) | (?P<text>'[^'\n]*'|"[^"\n]*")
    | (?P<number>\d+(?:\.\d+)?(?:ms|s|m|h|d|w)?\b) | (?P<name>@?[A-Za-z_][\w-]*(?:\.[\w-]+)*)
    | (?P<mark><=|>=|!=|=~|[=<>|,()\[\]*+])""", re.VERBOSE)


class Refused(Exception):
    """What Insights would not take."""


def complaints(query):
    """What is wrong with one query, placeholders filled in."""
    reader = Reader(query)
    try:
        reader.query()
    except Refused as complaint:
        return [str(complaint)]
    fitting = [log for log, names in LOGS.items() if all(has(f"{SYSTEM} {names}", f) for f in reader.fields)]
    return [] if fitting else [f"no kind of log has all of {', '.join(sorted(reader.fields))}"]


def has(names, field):
    below = [name.removesuffix("…") for name in names.split() if name.endswith("…")]
    return field in names.split() or any(field.startswith(prefix) for prefix in below)


def tokens(query):
    found, at = [], 0
    while at < len(query):
        match = TOKEN.match(query, at)
        if not match:
            raise Refused(f"does not read on at {query[at:at + 30]!r}")
        if match.lastgroup:
            found.append((match.lastgroup, match[0]))
        at = match.end()
    return [*found, ("end", "")]


class Reader:
    """Goes through a query, and gathers the names of fields that it takes from the log."""

    def __init__(self, text):
        self.text, self.at, self.fields, self.aliases = text, 0, set(), set()

    def query(self):
        self.tokens = tokens(self.text)
        commands = []
        while True:
            command = self.take("name")
            read = {"fields": self.fields_command, "display": self.fields_command, "filter": self.either,
                    "stats": self.stats, "sort": self.sort, "limit": lambda: self.take("number"),
                    "dedup": self.names}.get(command)
            if read is None:
                raise Refused(f"knows no command {command!r}")
            read()
            commands.append(command)
            if self.kind() == "end":
                break
            self.take("mark", "|")
        if "limit" in commands and commands.index("limit") != len(commands) - 1:
            raise Refused("limits before its last command")

    def kind(self):
        return self.tokens[self.at][0]

    def word(self):
        return self.tokens[self.at][1]

    def take(self, kind, *words):
        found, word = self.tokens[self.at]
        if found != kind or words and word not in words:
            raise Refused(f"has {word or 'its end'!r} where {' or '.join(words) or f'a {kind}'} belongs")
        self.at += 1
        return word

    def taken(self, *words):
        if self.kind() in ("name", "mark") and self.word() in words:
            self.at += 1
            return True
        return False

    def each(self, read):
        read()
        while self.taken(","):
            read()

    def field(self):
        name = self.take("name")
        if name not in self.aliases:
            self.fields.add(name)

    def names(self):
        self.each(self.field)

    def alias(self):
        if self.taken("as"):
            self.aliases.add(self.take("name"))

    def fields_command(self):
        self.each(lambda: (self.value(), self.alias()))

    def sort(self):
        self.each(lambda: (self.field(), self.taken("asc", "desc")))

    def stats(self):
        self.each(lambda: (self.call(AGGREGATES), self.alias()))
        if self.taken("by"):
            self.each(lambda: (self.value(), self.alias()))
        self.fields -= self.aliases

    def call(self, known):
        name = self.take("name")
        if name not in known:
            raise Refused(f"knows no function {name!r}")
        self.take("mark", "(")
        if not self.taken("*"):
            self.each(self.value)
        self.take("mark", ")")

    def value(self):
        if self.kind() in ("text", "number"):
            self.at += 1
        elif self.tokens[self.at + 1] == ("mark", "("):
            self.call(FUNCTIONS)
        else:
            self.field()

    def either(self):
        self.both()
        while self.taken("or"):
            self.both()

    def both(self):
        self.condition()
        while self.taken("and"):
            self.condition()

    def condition(self):
        if self.taken("not"):
            return self.condition()
        if self.taken("("):
            self.either()
            return self.take("mark", ")")
        self.value()
        negated = self.taken("not")
        if self.taken("in"):
            self.take("mark", "[")
            self.each(lambda: self.take(self.kind() if self.kind() in ("text", "number") else "text"))
            return self.take("mark", "]")
        if self.taken("like", "=~"):
            return self.take("regex" if self.kind() == "regex" else "text")
        if negated:
            raise Refused(f"has {self.word()!r} behind not")
        if self.taken("=", "!=", "<", "<=", ">", ">="):
            return self.value()
        return None
