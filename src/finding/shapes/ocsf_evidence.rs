//! What the evidence of an OCSF finding says that no other part of it has.

use serde_json::{Map, Value, json};

use super::{fill_in, object, text_at};

/// Action, principal and process, in GuardDuty's form.
pub(super) fn finding(ocsf: &Value) -> Value {
    let mut finding = Value::Object(Map::new());
    let evidences = ocsf.get("evidences").and_then(Value::as_array);
    for evidence in evidences.into_iter().flatten() {
        let process = ["/process", "/actor/process"].iter().find_map(|at| evidence.pointer(at));
        let runtime = process.map(process_details).map(|process| json!({"process": process}));
        let service = object([("action", action(evidence)), ("runtimeDetails", runtime)]);
        let principal = evidence.pointer("/actor/user").map(|user| principal(user, evidence));
        let resource = object([("accessKeyDetails", principal)]);
        fill_in(&mut finding, object([("service", Some(service)), ("resource", Some(resource))]));
    }
    finding
}

fn action(evidence: &Value) -> Option<Value> {
    let is_there = |name: &str| evidence.get(name).is_some_and(Value::is_object);
    if is_there("api") {
        return Some(json!({"actionType": "AWS_API_CALL", "awsApiCallAction": api_call(evidence)}));
    }
    if let Some(domain) = text_at(evidence, "/query/hostname") {
        let protocol = evidence.pointer("/connection_info/protocol_name").cloned();
        let request = object([("domain", Some(Value::from(domain))), ("protocol", protocol)]);
        return Some(json!({"actionType": "DNS_REQUEST", "dnsRequestAction": request}));
    }
    (is_there("connection_info") || is_there("dst_endpoint")).then(|| {
        json!({"actionType": "NETWORK_CONNECTION", "networkConnectionAction": connection(evidence)})
    })
}

fn api_call(evidence: &Value) -> Value {
    let api = |pointer: &str| evidence.pointer(&format!("/api{pointer}")).cloned();
    object([
        ("api", api("/operation")),
        ("serviceName", api("/service/name")),
        ("errorCode", api("/response/error")),
        ("userAgent", evidence.pointer("/http_request/user_agent").cloned()),
        ("remoteIpDetails", evidence.get("src_endpoint").map(address)),
    ])
}

fn connection(evidence: &Value) -> Value {
    let info = |name: &str| text_at(evidence, &format!("/connection_info/{name}"));
    let is_inbound = info("direction").is_some_and(|to| to.eq_ignore_ascii_case("inbound"));
    let ends = if is_inbound {
        ["src_endpoint", "dst_endpoint"]
    } else {
        ["dst_endpoint", "src_endpoint"]
    };
    let [remote, local] = ends.map(|end| evidence.get(end).filter(|end| end.is_object()));
    let port = |end: Option<&Value>| end.map(|end| object([("port", end.get("port").cloned())]));
    object([
        ("connectionDirection", info("direction").map(|to| Value::from(to.to_ascii_uppercase()))),
        ("protocol", info("protocol_name").map(Value::from)),
        ("remoteIpDetails", remote.map(address)),
        ("remotePortDetails", port(remote)),
        ("localIpDetails", local.map(|end| object([("ipAddressV4", end.get("ip").cloned())]))),
        ("localPortDetails", port(local)),
    ])
}

fn address(endpoint: &Value) -> Value {
    let get = |pointer: &str| endpoint.pointer(pointer).cloned();
    let is_v6 = text_at(endpoint, "/ip").is_some_and(|ip| ip.contains(':'));
    let number = get("/autonomous_system/number").map(|number| match number {
        Value::Number(number) => Value::from(number.to_string()),
        other => other,
    });
    let name = get("/autonomous_system/name");
    let place =
        object([("lat", get("/location/coordinates/1")), ("lon", get("/location/coordinates/0"))]);
    object([
        (if is_v6 { "ipAddressV6" } else { "ipAddressV4" }, get("/ip")),
        ("city", Some(object([("cityName", get("/location/city"))]))),
        ("country", Some(object([("countryName", get("/location/country"))]))),
        ("geoLocation", Some(place)),
        ("organization", Some(object([("asn", number), ("asnOrg", name)]))),
    ])
}

fn principal(user: &Value, evidence: &Value) -> Value {
    let get = |name: &str| user.get(name).cloned();
    let credential = evidence.pointer("/actor/session/credential_uid").cloned();
    object([
        ("userName", get("name")),
        ("userType", get("type")),
        ("principalId", get("uid")),
        ("accessKeyId", get("credential_uid").or(credential)),
    ])
}

fn process_details(process: &Value) -> Value {
    let get = |pointer: &str| process.pointer(pointer).cloned();
    let hashes = process.pointer("/file/hashes").and_then(Value::as_array);
    let is_sha256 = |hash: &&Value| {
        hash.get("algorithm_id") == Some(&json!(3))
            || text_at(hash, "/algorithm") == Some("SHA-256")
    };
    let sha256 = hashes.into_iter().flatten().find(is_sha256).and_then(|hash| hash.get("value"));
    object([
        ("name", get("/name")),
        ("pid", get("/pid")),
        ("executablePath", get("/file/path")),
        ("executableSha256", sha256.cloned()),
        ("user", get("/user/name")),
        ("uuid", get("/uid")),
        ("startTime", get("/created_time_dt").or_else(|| get("/created_time"))),
    ])
}
