"""Reads Athena queries with sqlglot against the table definitions that AWS publishes.

The tables: CloudTrail, VPC flow logs, S3 server access logs and ALB access logs (each in the form
with partition projection, VPC flow logs in both forms), Route 53 Resolver query logs, and event
data stores of CloudTrail Lake, which speaks the same SQL. `complaints(sql)` names what Athena would refuse, and queries that
read every partition.
"""

import sqlglot
from sqlglot import exp
from sqlglot.optimizer.annotate_types import annotate_types
from sqlglot.optimizer.qualify import qualify
from sqlglot.schema import MappingSchema

SESSION = ("STRUCT<attributes: STRUCT<mfaauthenticated: STRING, creationdate: STRING>, sessionissuer: "
           "STRUCT<type: STRING, principalid: STRING, arn: STRING, accountid: STRING, username: STRING>, "
           "ec2roledelivery: STRING, webidfederationdata: STRUCT<federatedprovider: STRING, "
           "attributes: MAP<STRING, STRING>>>")
IDENTITY = ("STRUCT<type: STRING, principalid: STRING, arn: STRING, accountid: STRING, invokedby: STRING, "
            "accesskeyid: STRING, username: STRING, onbehalfof: STRUCT<userid: STRING, identitystorearn: "
            f"STRING>, sessioncontext: {SESSION}>")


def columns(text, kind="STRING"):
    return dict.fromkeys(text.split(), kind)


CLOUDTRAIL = {
    "eventversion": "STRING", "useridentity": IDENTITY,
    **columns("eventtime eventsource eventname awsregion sourceipaddress useragent errorcode errormessage "
              "requestparameters responseelements additionaleventdata requestid eventid readonly"),
    "resources": "ARRAY<STRUCT<arn: STRING, accountid: STRING, type: STRING>>",
    **columns("eventtype apiversion recipientaccountid serviceeventdetails sharedeventid vpcendpointid "
              "vpcendpointaccountid eventcategory sessioncredentialfromconsole edgedevicedetails"),
    "addendum": "STRUCT<reason: STRING, updatedfields: STRING, originalrequestid: STRING, "
                "originaleventid: STRING>",
    "tlsdetails": "STRUCT<tlsversion: STRING, ciphersuite: STRING, clientprovidedhostheader: STRING>",
    "timestamp": "STRING",
}
FLOW_LOGS = {
    **columns("account_id interface_id srcaddr dstaddr action log_status vpc_id subnet_id instance_id type "
              "pkt_srcaddr pkt_dstaddr region az_id sublocation_type sublocation_id pkt_src_aws_service "
              "pkt_dst_aws_service flow_direction"),
    **columns("version srcport dstport tcp_flags traffic_path", "INT"),
    **columns("protocol packets bytes start end", "BIGINT"),
    "date": "DATE", **columns("accid day"),
}
RESOLVER = {
    **columns("version account_id region vpc_id query_timestamp query_name query_type query_class rcode "
              "srcaddr transport firewall_rule_action firewall_rule_group_id firewall_domain_list_id"),
    "srcport": "INT", "answers": "ARRAY<STRUCT<rdata: STRING, type: STRING, class: STRING>>",
    "srcids": "STRUCT<instance: STRING, resolver_endpoint: STRING>", **columns("date vpc"),
}
S3_ACCESS = {
    **columns("bucketowner bucket_name requestdatetime remoteip requester requestid operation key "
              "request_uri httpstatus errorcode totaltime turnaroundtime referrer useragent versionid "
              "hostid sigv ciphersuite authtype endpoint tlsversion accesspointarn aclrequired"),
    **columns("bytessent objectsize", "BIGINT"), "timestamp": "STRING",
}
ALB = {
    **columns("type time elb client_ip target_ip target_status_code request_verb request_url request_proto "
              "user_agent ssl_cipher ssl_protocol target_group_arn trace_id domain_name chosen_cert_arn "
              "matched_rule_priority request_creation_time actions_executed redirect_url "
              "lambda_error_reason target_port_list target_status_code_list classification "
              "classification_reason conn_trace_id day"),
    **columns("client_port target_port elb_status_code", "INT"),
    **columns("received_bytes sent_bytes", "BIGINT"),
    **columns("request_processing_time target_processing_time response_processing_time", "DOUBLE"),
}
MAP = "MAP<STRING, STRING>"
# Event data stores of CloudTrail events:
# https://docs.aws.amazon.com/awscloudtrail/latest/userguide/query-supported-event-schemas.html
LAKE_SESSION = ("STRUCT<attributes: STRUCT<creationdate: TIMESTAMP, mfaauthenticated: STRING>, sessionissuer: "
                "STRUCT<type: STRING, principalid: STRING, arn: STRING, accountid: STRING, username: STRING>, "
                f"webidfederationdata: STRUCT<federatedprovider: STRING, attributes: {MAP}>, "
                "sourceidentity: STRING, ec2roledelivery: STRING, ec2issuedinvpc: STRING>")
LAKE_IDENTITY = ("STRUCT<type: STRING, principalid: STRING, arn: STRING, accountid: STRING, accesskeyid: STRING, "
                 f"username: STRING, sessioncontext: {LAKE_SESSION}, onbehalfof: STRUCT<userid: STRING, "
                 "identitystorearn: STRING>, inscopeof: STRUCT<sourcearn: STRING, sourceaccount: STRING, "
                 "issuertype: STRING, credentialsissuedto: STRING>, invokedby: STRING, identityprovider: STRING>")
LAKE = {
    **columns("eventversion eventsource eventname awsregion sourceipaddress useragent errorcode errormessage "
              "requestid eventid eventtype apiversion recipientaccountid sharedeventid annotation "
              "vpcendpointid vpcendpointaccountid eventcategory sessioncredentialfromconsole "
              "eventjson eventjsonchecksum"),
    "useridentity": LAKE_IDENTITY, "eventtime": "TIMESTAMP",
    **columns("readonly managementevent", "BOOLEAN"),
    **columns("requestparameters responseelements additionaleventdata serviceeventdetails addendum "
              "edgedevicedetails insightdetails", MAP),
    "resources": "ARRAY<STRUCT<accountid: STRING, type: STRING, arn: STRING, arnprefix: STRING>>",
    "tlsdetails": CLOUDTRAIL["tlsdetails"],
}
TABLES = {
    "cloudtrail_table": (CLOUDTRAIL, {"timestamp"}),
    "vpc_flow_table": (FLOW_LOGS, {"date", "day"}),
    "resolver_table": (RESOLVER, {"date"}),
    "s3_access_table": (S3_ACCESS, {"timestamp"}),
    "alb_table": (ALB, {"day"}),
    "event_data_store_id": (LAKE, {"eventtime"}),
}
SCHEMA = MappingSchema({name: table for name, (table, _) in TABLES.items()}, dialect="athena")
TEXT = {exp.DataType.Type.VARCHAR, exp.DataType.Type.TEXT, exp.DataType.Type.CHAR}
COMPARISONS = (exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE, exp.Between, exp.In, exp.Like)


def complaints(sql):
    """What is wrong with one query, whose tables are named like the keys of `TABLES`."""
    try:
        statements = [tree for tree in sqlglot.parse(sql, read="athena") if tree]
    except sqlglot.errors.ParseError as error:
        return [f"no Athena SQL: {error.errors[0]['description']} near line {error.errors[0]['line']}"]
    return [complaint for tree in statements for complaint in judge(tree)]


def judge(tree):
    ctes = {cte.alias_or_name for cte in tree.find_all(exp.CTE)}
    used = [table for table in tree.find_all(exp.Table) if table.name and table.name not in ctes]
    found = [f"reads the table {table.sql()!r}, which AWS does not publish" for table in used
             if table.name.lower() not in TABLES]
    if found or not used:
        return found or ["reads no table"]
    try:
        typed = annotate_types(qualify(tree.copy(), schema=SCHEMA, dialect="athena",
                                       expand_stars=False), schema=SCHEMA, dialect="athena")
    except sqlglot.errors.SqlglotError as error:
        return [str(error).splitlines()[0]]
    return [*struct_complaints(typed), *type_complaints(typed), *map_complaints(typed),
            *partition_complaints(tree, used), *bound_complaints(tree, used)]


def struct_complaints(tree):
    """A dotted name must go down the struct that the column is."""
    for dot in tree.find_all(exp.Dot):
        column = dot.find(exp.Column)
        if isinstance(dot.parent, exp.Dot) or column is None:
            continue
        kind = column.type
        for name in [part.name.lower() for part in dot.flatten() if isinstance(part, exp.Identifier)]:
            members = {member.name.lower(): member.args.get("kind") for member in kind.expressions
                       if isinstance(member, exp.ColumnDef)} if kind else {}
            if not members:
                break
            if name not in members:
                yield f"{column.name} has no member {name!r}; it has {', '.join(members)}"
                break
            kind = members[name]


def type_complaints(tree):
    """Athena does not compare text with numbers or dates, which other engines forgive."""
    for comparison in tree.find_all(*COMPARISONS):
        sides = [comparison.this, *(comparison.args.get(name) for name in ("expression", "low", "high")),
                 *(comparison.expressions if isinstance(comparison, exp.In) else [])]
        kinds = {kind(side) for side in sides if side is not None} - {None}
        if len(kinds) > 1:
            shown = comparison.sql("athena")[:120]
            hint = (": \"date\" of AWS's VPC flow log table is a date; filter on `day` of its table with "
                    "partition projection, text in yyyy/MM/dd" if '."date"' in shown else "")
            yield f"Athena does not compare {' with '.join(sorted(kinds))} (`{shown}`){hint}"


def kind(side):
    if side.type is None:
        return None
    if side.type.this in TEXT:
        return "text"
    if side.type.this in exp.DataType.NUMERIC_TYPES:
        return "a number"
    if side.type.this in exp.DataType.TEMPORAL_TYPES:
        return "a time"
    if side.type.this == exp.DataType.Type.BOOLEAN:
        return "a boolean"
    return None


def map_complaints(tree):
    """A map is read by its keys: as JSON or as text it is nothing that Trino's functions take."""
    for column in tree.find_all(exp.Column):
        if column.type is None or column.type.this != exp.DataType.Type.MAP:
            continue
        if isinstance(column.parent, (exp.JSONExtractScalar, exp.JSONExtract, *COMPARISONS)):
            yield f"{column.name} is a map: read it with element_at"


def bound_complaints(tree, used):
    """A query over an event data store is paid for by what it scans: both ends of the time are bound."""
    for table in used:
        if table.name.lower() != "event_data_store_id":
            continue
        query, ends = table.find_ancestor(exp.Select) or tree, set()
        where = query.args.get("where")
        for comparison in where.find_all(exp.GT, exp.GTE, exp.LT, exp.LTE, exp.Between) if where else ():
            if isinstance(comparison.this, exp.Column) and comparison.this.name.lower() == "eventtime":
                ends |= {"from", "to"} if isinstance(comparison, exp.Between) else {
                    "from" if isinstance(comparison, (exp.GT, exp.GTE)) else "to"}
        if ends != {"from", "to"}:
            yield "does not bind eventtime on both ends"


def partition_complaints(tree, used):
    """Each table's partition column must be compared somewhere in the query that reads it."""
    for table in used:
        wanted = TABLES[table.name.lower()][1]
        query = table.find_ancestor(exp.Select) or tree
        compared = {column.name.lower() for comparison in query.find_all(*COMPARISONS)
                    for column in comparison.find_all(exp.Column)}
        if not compared & wanted:
            yield f"reads every partition of {table.name}: no condition on {' or '.join(sorted(wanted))}"
