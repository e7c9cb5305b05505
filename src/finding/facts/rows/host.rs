//! Processes and containers.

/// The fields of a process.
macro_rules! process {
    () => {
        &[
            ("", "name"),
            ("path", "executablePath"),
            ("PID", "pid"),
            ("user", "user"),
            ("UID", "userId"),
            ("effective UID", "euid"),
            ("SHA-256", "executableSha256"),
            ("folder", "pwd"),
            ("started", "startTime"),
            ("PID in its namespace", "namespacePid"),
        ]
    };
}

/// The fields of a container.
macro_rules! container {
    () => {
        &[
            ("", "name"),
            ("image", "image"),
            ("ID", "id"),
            ("privileged", "securityContext.privileged"),
            ("may escalate", "securityContext.allowPrivilegeEscalation"),
            ("mounts", "volumeMounts[].mountPath"),
            ("runtime", "containerRuntime"),
        ]
    };
}

pub(super) use {container, process};

/// The fields of an ancestor of a process.
pub(super) const ANCESTOR: &[(&str, &str)] = &[
    ("", "lineage[].name"),
    ("path", "lineage[].executablePath"),
    ("PID", "lineage[].pid"),
    ("UID", "lineage[].userId"),
    ("effective UID", "lineage[].euid"),
    ("started", "lineage[].startTime"),
    ("PID in its namespace", "lineage[].namespacePid"),
];

/// What GuardDuty saw a process do.
pub(super) const CONTEXT: &[(&str, &str)] = &[
    ("tool", "toolName"),
    ("kind of tool", "toolCategory"),
    ("command line", "commandLineExample"),
    ("script", "scriptPath"),
    ("file", "filePath"),
    ("operation", "fileOperation"),
    ("related files", "relatedFilePaths[]"),
    ("known threat", "threatFilePath"),
    ("library", "libraryPath"),
    ("LD_PRELOAD", "ldPreloadValue"),
    ("disabled service", "serviceName"),
    ("shell history", "shellHistoryFilePath"),
    ("socket", "socketPath"),
    ("runc", "runcBinaryPath"),
    ("release agent", "releaseAgentPath"),
    ("mounted from", "mountSource"),
    ("mounted at", "mountTarget"),
    ("file system", "fileSystemType"),
    ("flags", "flags[]"),
    ("kernel module", "moduleName"),
    ("module's file", "moduleFilePath"),
    ("module's SHA-256", "moduleSha256"),
    ("memory", "memoryRegions[]"),
    ("address family", "addressFamily"),
    ("protocol number", "ianaProtocolNumber"),
    ("modified", "modifiedAt"),
];
