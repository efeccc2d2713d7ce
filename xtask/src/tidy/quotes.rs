//! Quotations: what a page shows of a file is what stands in that file.
//!
//! A line `<!-- quoted from PATH -->` stands before the block of code that it is about. The lines of the block follow each
//! other in the file; a line of `…` alone leaves some out.

use std::path::Path;

use super::Fault;

/// What this page quotes wrongly; `read` gives the text of another file of the repository.
pub(super) fn faults(path: &Path, text: &str, read: &dyn Fn(&Path) -> Option<String>) -> Vec<Fault> {
    if path.extension().is_none_or(|extension| extension != "md") {
        return Vec::new();
    }
    let lines: Vec<&str> = text.lines().collect();
    let mut faults = Vec::new();
    for (index, line) in lines.iter().enumerate() {
        let Some(source) = line.strip_prefix("<!-- quoted from ").and_then(|rest| rest.strip_suffix(" -->"))
        else {
            continue;
        };
        let mut fault = |line: usize, rule: String| {
            faults.push(Fault::new(path, Some(line + 1), rule, "copy the lines as they are there"));
        };
        let Some(file) = read(Path::new(source)) else {
            fault(index, format!("quotes {source}, which is not there"));
            continue;
        };
        let first = index + 1 + lines[index + 1..].iter().take_while(|line| line.is_empty()).count();
        if !lines.get(first).is_some_and(|line| line.starts_with("```")) {
            fault(index, "names a source, and no block of code follows".to_owned());
            continue;
        }
        let block: Vec<&str> =
            lines[first + 1..].iter().take_while(|line| !line.starts_with("```")).copied().collect();
        let file: Vec<&str> = file.lines().map(str::trim_end).collect();
        if let Some(wrong) = first_missing(&block, &file) {
            fault(first + 1 + wrong, format!("quotes what is not in {source}, or not in this place"));
        }
    }
    faults
}

/// The first line of the block whose run of lines is not in the file behind the runs before it.
fn first_missing(block: &[&str], file: &[&str]) -> Option<usize> {
    let (mut from, mut at) = (0, 0);
    for run in block.split(|line| line.trim() == "…") {
        let found = file[from..].windows(run.len().max(1)).position(|window| window == run);
        match found {
            _ if run.is_empty() => {}
            Some(position) => from += position + run.len(),
            None => return Some(at),
        }
        at += run.len() + 1;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rules(block: &str) -> Vec<(Option<usize>, String)> {
        let read =
            |path: &Path| (path == Path::new("a/b.rs")).then(|| "one\ntwo\n  three\nfour\n".to_owned());
        let page = format!("# Page\n\n<!-- quoted from a/b.rs -->\n```rust\n{block}\n```\n");
        faults(Path::new("docs/x.md"), &page, &read)
            .into_iter()
            .map(|fault| (fault.line, fault.rule))
            .collect()
    }

    #[test]
    fn a_block_says_what_its_source_says() {
        assert_eq!(rules("two\n  three"), []);
        assert_eq!(rules("one\n…\nfour"), []);
        let wrong = "quotes what is not in a/b.rs, or not in this place".to_owned();
        assert_eq!(rules("one\nthree"), [(Some(5), wrong.clone())]);
        assert_eq!(rules("four\n…\none"), [(Some(7), wrong)], "in the order of the file");
    }

    #[test]
    fn a_source_is_there_and_a_block_follows() {
        let told = |page: &str| faults(Path::new("docs/x.md"), page, &|_| None).len();
        assert_eq!(told("<!-- quoted from gone.rs -->\n```\nx\n```\n"), 1);
        let read: &dyn Fn(&Path) -> Option<String> = &|_| Some(String::new());
        assert_eq!(faults(Path::new("docs/x.md"), "<!-- quoted from a -->\ntext\n", read).len(), 1);
        assert_eq!(faults(Path::new("docs/x.rs"), "<!-- quoted from gone.rs -->\n", read).len(), 0);
    }
}
