//! Guides that mean harm: nothing leaves the folder of the runbooks, and nothing in them acts.

use std::collections::BTreeSet;

use insta::assert_snapshot;

use crate::mini::{Guide, INDEX};
use crate::reader;
use crate::sandbox::Sandbox;

const EC2: &str = "guardduty_finding-types-ec2";

#[test]
fn names_that_are_no_finding_types_become_no_files() {
    let long = format!("Recon:EC2/{}", "x".repeat(300));
    let names = [
        "../x",
        "..",
        "/etc/passwd",
        "Recon:EC2/../../x",
        "Recon:EC2/x/../../../y",
        "C:\\x",
        "CON",
        "Recon:EC2/",
        "Recon:EC2/x y",
        "Recon:EC2/&lt;script&gt;",
        "&#0;",
        &long,
    ];
    let rows = |guide: Guide, name: &&str| guide.row(&format!("{EC2}.html#none"), name);
    let sandbox = Sandbox::new().guide(&names.iter().fold(Guide::html(), rows));
    let before = sandbox.tree(".");
    let run = sandbox.run("--outdir a/runbooks --source guide --quiet").expect_exit(4);
    assert_eq!(run.stderr().matches("names no finding type").count(), names.len(), "{run}");
    let changed = sandbox.tree(".").changed_since(&before);
    assert!(changed.iter().all(|name| name.starts_with("./a/runbooks/")), "{changed:#?}");
    assert_eq!(sandbox.runbooks("a/runbooks"), crate::mini::RUNBOOKS);
}

#[test]
fn names_that_a_system_keeps_for_itself_get_a_harmless_file() {
    let guide = Guide::html().row(&format!("{EC2}.html#con"), "CON:PRN/AUX.NUL!COM1");
    let sandbox = Sandbox::new().guide(&guide);
    sandbox.run("--outdir runbooks --source guide --quiet").expect_exit(4);
    assert!(sandbox.has("runbooks/con-prn-aux-nul-com1.md"));
}

#[test]
fn the_name_in_a_heading_is_checked_as_well() {
    let guide = Guide::html().row(&format!("{EC2}.html#bad"), "Recon:EC2/Harmless and more").edit(
        EC2,
        "<h2 id=\"recon-ec2-portscan\">",
        "<h2 id=\"bad\">../../x</h2><h2>",
    );
    let sandbox = Sandbox::new().guide(&guide);
    let before = sandbox.tree(".");
    sandbox.run("--outdir runbooks --source guide --quiet").expect_exit(4);
    let changed = sandbox.tree(".").changed_since(&before);
    assert!(changed.iter().all(|name| name.starts_with("./runbooks/")), "{changed:#?}");
}

/// Text that acts where a reader takes it for more than text.
fn attacks() -> String {
    "<p><a href=\"javascript:alert(1)\">press</a> <a href=\"JaVaScRiPt&#58;alert(1)\">here</a>
     <a href=\" data:text/html,x\">data</a> <a href=\"vbscript:x\">vb</a> <a href=\"file:///x\">f</a>
     <a href=\"https://example.com/)[y](javascript:alert(2)\">odd</a>
     <a href=\"https://example.com/&lt;script&gt; x\">space</a></p>
     <script>alert(3)</script><style>p{}</style><iframe src=\"https://example.com\"></iframe>
     <p>&lt;script&gt;alert(4)&lt;/script&gt; &lt;img src=x onerror=alert(5)&gt; &lt;!-- x --&gt;</p>
     <p>[a](javascript:alert(6)) ![b](javascript:alert(7)) &lt;javascript:alert(8)&gt;</p>
     <p>[ref]: javascript:alert(9)</p><p>--- </p><p>+++</p><p># not a heading</p>
     <pre><code>```\n~~~~\n&lt;script&gt;alert(10)&lt;/script&gt;\n````\n</code></pre>
     <p><code>` &lt;b&gt; ``</code> {{ severity }} {% raw %}</p>
     <table><tr><th>a|b</th></tr><tr><td>`|` &lt;i&gt;\n|</td></tr></table>
     <svg><a href=\"javascript:alert(11)\"><text>svg</text></a></svg>
     <object data=\"javascript:alert(12)\">o</object><img src=x alt=\"&lt;b&gt;\">"
        .to_owned()
}

#[test]
fn nothing_in_a_runbook_acts() {
    let heading = "<h2 id=\"recon-ec2-portscan\">Recon:EC2/Portscan</h2>";
    let guide = Guide::html()
        .edit(EC2, heading, &format!("{heading}{}", attacks()))
        .edit("compromised-ec2", "<p>Keep calm.</p>", &attacks())
        .edit(EC2, "many doors", "&lt;b onclick=x&gt; doors")
        .edit(INDEX, "<p>EKS cluster</p>", "<p>&lt;script&gt;x&lt;/script&gt; \" \\ : | #</p>");
    let sandbox = Sandbox::new().guide(&guide);
    for template in ["runbook", "classic"] {
        let run = format!("--outdir {template} --source guide --template {template} --index");
        sandbox.run(&run).expect_exit(0);
        for name in sandbox.runbooks(template) {
            let text = sandbox.read(&format!("{template}/{name}"));
            assert_eq!(reader::raw_html(&text), [""; 0], "{name}\n{text}");
            let odd = reader::odd_addresses(&text);
            let own = |url: &String| name == "index.md" && sandbox.has(&format!("runbook/{url}"));
            assert!(odd.iter().all(own), "{name}: {odd:?}");
        }
        let text = sandbox.read(&format!("{template}/recon-ec2-portscan.md"));
        assert!(text.contains("alert(4)") && text.contains("alert(10)"), "text stays text: {text}");
        assert!(!text.contains("alert(3)"), "what a browser runs is no text");
    }
    let portscan = sandbox.read("classic/recon-ec2-portscan.md");
    let (attacks, _) = portscan.split_once("### An instance").unwrap();
    assert_snapshot!(attacks, @r"
    Recon:EC2/Portscan
    ------------------

    press here data vb f [odd](<https://example.com/)[y](javascript:alert(2)>) [space](https://example.com/%3Cscript%3E%20x)

    &lt;script>alert(4)&lt;/script> \<img src=x onerror=alert(5)> \<!-- x -->

    \[a\](javascript:alert(6)) !\[b\](javascript:alert(7)) \<javascript:alert(8)>

    \[ref\]: javascript:alert(9)

    \---

    \+++

    \# not a heading

    `````
    ```
    ~~~~
    <script>alert(10)</script>
    ````
    `````

    ``` ` <b> `` ``` {{ severity }} {% raw %}

    | a\|b |
    | --- |
    | \`\|\` \<i> \| |
    ");
}

#[test]
fn front_matter_stays_what_it_is() {
    let strange = "a: b\n---\n\"x\" \\ # | 'y'\u{2028}z";
    let guide = Guide::html().edit(INDEX, "<p>EKS cluster</p>", &format!("<p>{strange}</p>"));
    let sandbox = Sandbox::new().guide(&guide);
    sandbox.run("--outdir runbooks --source guide").expect_exit(0);
    let text = sandbox.read("runbooks/discovery-eks-lamplight.md");
    let (front_matter, _) = text[4..].split_once("\n---\n").unwrap();
    let names: BTreeSet<&str> =
        front_matter.lines().map(|line| line.split(": ").next().unwrap()).collect();
    assert!(names.contains("source"), "{text}");
    assert!(names.iter().all(|name| name.bytes().all(|b| b.is_ascii_lowercase() || b == b'_')));
}

#[test]
fn what_is_said_does_not_act_on_the_terminal() {
    let escape = "\u{1b}]0;title\u{7}\u{1b}[31m";
    let guide = Guide::html().row(&format!("{EC2}.html#x"), &format!("{escape}\u{202e}red"));
    let sandbox = Sandbox::new().guide(&guide);
    let run = sandbox.run("--outdir runbooks --source guide").expect_exit(4);
    let acts = |c: char| c.is_control() && c != '\n' || c == '\u{202e}';
    assert!(!run.stderr().contains(acts), "{:?}", run.stderr());
}

/// Whether a character is more than itself on a terminal or in an editor.
fn acts(c: char) -> bool {
    let hides =
        matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    c.is_control() && c != '\n' || hides
}

#[test]
fn characters_that_act_or_hide_reach_no_file_and_no_terminal() {
    let hidden = "\u{1b}[31m\u{7}\u{8}\u{9b}A\u{202e}evil\u{2066}\u{200b}\u{feff}\u{ad}&#x202e;&#27;&#x9b;\r";
    let note = format!(
        "<div class=awsdocs-note><div class=awsdocs-note-title>No{hidden}te</div>\
         <p>x{hidden}</p></div>"
    );
    let guide = Guide::html()
        .edit(EC2, "An instance knocks", &format!("An {hidden}instance knocks"))
        .edit(
            EC2,
            "The instance tries",
            &format!("</p>{note}<pre>a{hidden}b</pre><p>The {hidden}instance"),
        )
        .edit(
            EC2,
            "<a href=\"compromised-ec2.html\">",
            &format!("<a href=\"compromised-ec2.html?{hidden}\">"),
        )
        .edit(INDEX, "<p>EKS cluster</p>", &format!("<p>EKS{hidden}</p>"))
        .edit("compromised-ec2", "Keep calm.", &format!("Keep {hidden}calm."));
    let sandbox = Sandbox::new().guide(&guide);
    for template in ["runbook", "classic"] {
        let run =
            format!("--outdir {template} --source guide --verbose --index --template {template}");
        let said = sandbox.run(&run).expect_exit(0).stderr();
        assert!(!said.contains(acts), "{said:?}");
        for (name, bytes) in sandbox.tree(template).bytes() {
            let text = String::from_utf8_lossy(bytes);
            assert!(
                !text.contains(acts),
                "{name}: {:?}",
                text.lines().find(|line| line.contains(acts))
            );
        }
    }
    let listed = sandbox.run("list --source guide").expect_exit(0).stdout();
    assert!(listed.contains("EKS") && !listed.contains(acts), "{listed:?}");
}

#[test]
fn lists_in_lists_and_tables_in_tables_are_read_within_bounds() {
    let lists = format!("{}deepest{}", "<ul><li>".repeat(50), "</li></ul>".repeat(50));
    let tables = format!(
        "{}innermost{}",
        "<table><tr><td rowspan=9 colspan=99>".repeat(20),
        "</td></tr></table>".repeat(20)
    );
    let guide = Guide::html().edit(
        EC2,
        "The instance tries",
        &format!("</p>{lists}{tables}<p>The instance"),
    );
    let sandbox = Sandbox::new().guide(&guide);
    sandbox.run("--outdir runbooks --source guide").expect_exit(0);
    let text = sandbox.read("runbooks/recon-ec2-portscan.md");
    assert!(text.contains("deepest") && text.contains("innermost"));
    assert!(text.len() < 1 << 20, "{} bytes", text.len());
    assert_eq!(reader::raw_html(&text), [""; 0]);
}

#[test]
fn a_page_with_ten_thousand_sections_is_read() {
    use std::fmt::Write as _;

    let (mut rows, mut sections) = (String::new(), String::new());
    for number in 0..10_000 {
        write!(rows, "<tr><td><a href=\"{EC2}.html#a{number}\">Recon:EC2/Many{number}</a></td><td>EC2</td></tr>").unwrap();
        write!(sections, "<h2 id=a{number}>Recon:EC2/Many{number}</h2><p>Text.</p>").unwrap();
    }
    let guide = Guide::html().edit(INDEX, "</table>", &format!("{rows}</table>")).edit(
        EC2,
        "<h2 id=\"recon-ec2-portscan\">",
        &format!("{sections}<h2 id=\"recon-ec2-portscan\">"),
    );
    let sandbox = Sandbox::new().guide(&guide);
    let run = sandbox.run("--outdir runbooks --source guide --include Recon:EC2/Many777* --quiet");
    run.expect_exit(4);
    assert_eq!(sandbox.runbooks("runbooks").len(), 11);
}

#[cfg(unix)]
mod links {
    use std::os::unix::fs::symlink;

    use insta::assert_snapshot;

    use crate::mini::Guide;
    use crate::sandbox::Sandbox;

    const PORTSCAN: &str = "runbooks/recon-ec2-portscan.md";

    #[test]
    fn a_symbolic_link_in_place_of_a_runbook_is_not_followed() {
        let sandbox = Sandbox::new()
            .guide(&Guide::html())
            .write("secret", "secret\n")
            .write("runbooks/ours.md", "ours\n");
        symlink("../secret", sandbox.path(PORTSCAN)).unwrap();
        let dangling = "runbooks/discovery-eks-lamplight.md";
        symlink("../nowhere", sandbox.path(dangling)).unwrap();
        sandbox.run("--outdir runbooks --source guide").expect_exit(0);
        let run = sandbox.run("--outdir runbooks --source guide -o --backup --quiet");
        assert_snapshot!(run.expect_exit(4), @"
        exit status: 4
        --- stderr
        error: discovery-eks-lamplight.md is not written: it is a symbolic link, and links are not written through
        hint: put a regular file in its place, or remove the link
        error: recon-ec2-portscan.md is not written: it is a symbolic link, and links are not written through
        hint: put a regular file in its place, or remove the link
        ");
        assert_eq!(sandbox.read("secret"), "secret\n");
        assert!(!sandbox.has("nowhere"));
        let kept = std::fs::read_link(sandbox.path(PORTSCAN)).unwrap();
        assert_eq!(kept.to_str(), Some("../secret"));
        assert_eq!(sandbox.runbooks("runbooks").len(), 9);
    }

    #[test]
    fn no_state_is_written_through_a_link() {
        let sandbox =
            Sandbox::new().guide(&Guide::html()).write("other/x", "").write("runbooks/x", "");
        symlink("../other", sandbox.path("runbooks/.guardduty-runbooks")).unwrap();
        let run = sandbox.run("--outdir runbooks --source guide --quiet");
        assert_snapshot!(run.expect_exit(4), @"
        exit status: 4
        --- stderr
        error: runbooks/.guardduty-runbooks is not a folder of its own; the tool does not write through links
        hint: remove it or move it away, and run again
        ");
        assert_eq!(sandbox.tree("other").bytes().len(), 1);
        assert_eq!(sandbox.tree("runbooks").bytes().len(), 2);
    }

    #[test]
    fn no_index_is_written_through_a_link() {
        let sandbox = Sandbox::new()
            .guide(&Guide::html())
            .write("secret", "secret\n")
            .write("runbooks/x", "");
        symlink("../secret", sandbox.path("runbooks/index.md")).unwrap();
        sandbox.run("--outdir runbooks --source guide --index").expect_exit(4);
        assert_eq!(sandbox.read("secret"), "secret\n");
    }

    /// What stands in place of a file of the state folder, made by its path.
    fn put_in_place_of_a_file(what: &str, path: &std::path::Path) {
        match what {
            "it is a symbolic link" => symlink("/etc/hostname", path).unwrap(),
            "it is not a regular file" => {
                let made = std::process::Command::new("mkfifo").arg(path).status().unwrap();
                assert!(made.success());
            }
            _ => std::fs::File::create(path).unwrap().set_len(1 << 34).unwrap(),
        }
    }

    #[test]
    fn a_pipe_a_link_or_a_giant_in_the_state_folder_is_an_error_at_once_for_every_reader() {
        const COMMANDS: [&str; 9] = [
            "--outdir runbooks --source guide",
            "update --outdir runbooks --source guide",
            "check --outdir runbooks --source guide",
            "diff --outdir runbooks --source guide",
            "adopt --outdir runbooks",
            "--outdir runbooks --source guide --index",
            "fill finding.json --outdir runbooks --summary",
            "show recon-ec2-portscan --outdir runbooks",
            "list --outdir runbooks --source guide",
        ];
        let whats =
            ["it is a symbolic link", "it is not a regular file", "it is larger than 16 MiB"];
        for file in ["manifest.json", "pristine/recon-ec2-portscan.md"] {
            for what in whats {
                let sandbox = Sandbox::new()
                    .guide(&Guide::html())
                    .write("finding.json", &crate::fill::port_probe().to_string());
                sandbox.run("--outdir runbooks --source guide").expect_exit(0);
                let path = format!("runbooks/.guardduty-runbooks/{file}");
                guardduty_runbooks::fs::remove(&sandbox.path(&path)).unwrap();
                put_in_place_of_a_file(what, &sandbox.path(&path));
                for command in COMMANDS {
                    let run = sandbox.run(command);
                    let is_read = match command.split(' ').next() {
                        // Of these the second reads no state, the first the manifest alone.
                        Some("show") => file == "manifest.json",
                        Some("list") => false,
                        _ => true,
                    };
                    let told = format!("{path}: {what}");
                    let said = format!("{}{}", run.stdout(), run.stderr());
                    assert_eq!(said.contains(&told), is_read, "{command}: {run}");
                }
            }
        }
    }
}
