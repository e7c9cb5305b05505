use std::time::Instant;
use guardduty_runbooks::guide::{GuideUrl, PageName};
use guardduty_runbooks::page::{html, markdown};
use guardduty_runbooks::runbook::markdown::{Style, write};
fn main() {
    let args: Vec<String> = std::env::args().collect();
    let n: usize = args[2].parse().unwrap();
    let t = |s: &str| s.repeat(n);
    let shapes: Vec<(&str, String)> = match args[1].as_str() {
        "html" => vec![
            ("div", t("<div>")), ("b", t("<b>")), ("a", t("<a href=x>")), ("font", t("<font>")),
            ("font distinct", (0..n).map(|i| format!("<font a{i}=1>")).collect()),
            ("table", t("<table>")), ("table td", t("<table><tr><td>")), ("p", t("<p>x")), ("ul li", t("<ul><li>")), ("li", t("<li>x")),
            ("span", t("<span>")), ("b p", t("<b><p>")), ("b close p", t("<b></p>")), ("a p", t("<a href=y><p>")), ("aaa div", t("<a><div>")),
            ("b div /b", format!("{}{}{}", "<b>".repeat(n), "<div>".repeat(n), "</b>".repeat(n))),
            ("bi mis", t("<b><i></b>x</i>")), ("b*3p", t("<b><b><b><p>x</p>")),
            ("nobr", t("<nobr>")), ("blockquote", t("<blockquote>")), ("pre", t("<pre>")), ("code", t("<code>")),
            ("svg", t("<svg>")), ("math", t("<math>")), ("svg g", format!("<svg>{}", t("<g>"))), ("select", t("<select>")), ("template", t("<template>")), ("form", t("<form>")), ("button", t("<button>")), ("option", format!("<select>{}", t("<option>"))),
            ("td text foster", format!("<table>{}", t("x<b>"))), ("tables foster", format!("<table>{}", t("<p>y"))),
            ("h2", t("<h2>")), ("h2 sections", t("<h2 id=a>Recon:EC2/X</h2><h3>y</h3><p>z</p>")), ("dl", t("<dl><dt>")), ("end tags", t("</div>")), ("end p", t("</p>")), ("attr", format!("<p {}>x", (0..n).map(|i| format!("a{i}=1 ")).collect::<String>())), ("entity", t("&amp;")), ("lt", t("<")), ("bang", t("<!")), ("comment", t("<!-->")), ("nul", t("\0")), ("script open", format!("<script>{}", t("<!--<script>"))), ("text", t("word ")), ("colspan", format!("<table>{}", t("<tr><td rowspan=1000 colspan=64>x"))),("body", t("<body a=b>")), ("applet", t("<applet>")), ("ruby", t("<ruby><rt>")), ("x-el", t("<x-y>")), ("noscript", t("<noscript>")), ("frameset", t("<frameset>")),
            ("notes", t("<div class=awsdocs-note>")), ("em strong alternate", t("<em>x<strong>y")), ("a href sib", t("<a href=x>y</a>")), ("strong sib", t("<strong>y</strong>")), ("strong sib sp", t("<strong>y</strong> ")), ("br", t("<br>")), ("nested list closed", format!("{}x{}", "<ul><li>".repeat(n), "</li></ul>".repeat(n))),
        ],
        _ => vec![
            ("> ", t("> ")), (">", t(">")), ("- ", t("- ")), ("1. ", t("1. ")), ("[", t("[")), ("[](", t("[](")), ("![", t("![")), ("[a](<b", t("[a](<b")), ("](", t("](")), ("*a", t("*a ")), ("**a", t("**a ")), ("*a_ ", t("*a_ ")), ("***x", t("***x ")), ("`uniq", (1..(n as f64).sqrt() as usize*2).map(|i| "`".repeat(i)+" ").collect()), ("`", t("`")), ("` ", t("` ")), ("``` fences", t("```\nx\n```\n")), ("{{", t("{{")), ("{{a}", t("{{a} ")), ("<", t("<")), ("<a", t("<a ")), ("<!--", t("<!--")), ("<?", t("<?")), ("<![CDATA[", t("<![CDATA[")), ("<!A", t("<!A ")), ("&", t("&")), ("| a", format!("| a |\n| - |\n{}", t("| b |\n"))), ("| cols", format!("{}|\n{}|\n{}|\n", t("|a"), t("|-"), t("|b"))), ("cols rows", format!("{}|\n{}|\n{}", "|a".repeat(1000), "|-".repeat(1000), "x\n".repeat(n.min(100_000)))), ("[a]: b", (0..n).map(|i| format!("[a{i}]: b\n")).collect()), ("[a]", format!("[a]: {}\n\n{}", "b".repeat(1000), t("[a] "))), ("note", t("**Note**\n")), ("note+", t("**Note**\nx\n+ y\n")), ("nested list", (0..n.min(3000)).map(|i| format!("{}+ x\n", "  ".repeat(i))).collect()), ("- > -", t("- > ")), ("****", t("****")), ("**x**", t("**x**")), ("**x** ", t("**x** ")), ("\\", t("\\")), ("# h", t("## Recon:EC2/X\n<a name=\"a\"></a>\n\n### y\n\nz\n\n")), ("setext", t("a\n===\n\n")), ("br", format!("| a |\n| - |\n| {} |\n", t("<br />"))), ("blank", t("\n")), ("~~~", t("~~~\n")), ("tabs", t("\t")), ("spaces", t(" ")), ("- \\n", t("-\n")), ("* x\\n", t("* x\n")), ("> - x\n", t("> - x\n")), ("a\\n-", t("a\n- b\n")), ("****a", t("****a")), ("_a_", t("_a _")), ("<a><b", t("<a\n")), ("[![", t("[![")), ("(((", format!("[a]({}", t("("))), ("x", t("word ")),
        ],
    };
    let name = PageName::new("a-page").unwrap();
    let filter = args.get(3).cloned();
    for (what, text) in shapes {
        if filter.as_ref().is_some_and(|f| f != what) { continue; }
        let start = Instant::now();
        let page = if args[1] == "html" { html::read(&name, &GuideUrl::default(), &text) } else { markdown::read(&name, &GuideUrl::default(), &text) };
        let read = start.elapsed();
        let start = Instant::now();
        let out = write(&page.blocks, Style::Classic);
        let w = start.elapsed();
        let rss = std::fs::read_to_string("/proc/self/status").unwrap();
        let rss = rss.lines().find(|l| l.starts_with("VmHWM")).unwrap().split_whitespace().nth(1).unwrap().parse::<usize>().unwrap() / 1024;
        println!("{:>9.1} ms read {:>9.1} ms write {:>8} KiB in {:>8} KiB out {:>6} blocks hwm {rss} MiB  {what}", read.as_secs_f64()*1e3, w.as_secs_f64()*1e3, text.len()/1024, out.len()/1024, page.blocks.len());
    }
}
