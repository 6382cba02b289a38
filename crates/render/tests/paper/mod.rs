//! A finished PDF as paper: what is printed where, in which size and weight. Read with poppler's tools, measured in points
//! from the top left corner.

#![allow(dead_code, reason = "each test program needs its part of it")]

use std::io::Write;
use std::process::{Command, Stdio};

/// Points in a millimetre.
pub const MM: f64 = 72.0 / 25.4;

/// poppler counts in whole units; magnified as far as it goes, they are thirds of a point.
const ZOOM: f64 = 3.0;

/// A run of words in one font on one line.
#[derive(Clone, Debug)]
pub struct Run {
    /// From 1.
    pub page: usize,
    pub left: f64,
    pub right: f64,
    /// Where the letters stand.
    pub baseline: f64,
    pub size: f64,
    pub bold: bool,
    pub italic: bool,
    pub text: String,
}

/// A straight stroke.
#[derive(Clone, Debug)]
pub struct Stroke {
    pub page: usize,
    pub left: f64,
    pub right: f64,
    pub top: f64,
    pub bottom: f64,
}

/// The paper of a document.
pub struct Paper {
    /// Width and height of each page.
    pub pages: Vec<(f64, f64)>,
    pub runs: Vec<Run>,
    pub strokes: Vec<Stroke>,
}

impl Run {
    pub fn middle(&self) -> f64 {
        (self.left + self.right) / 2.0
    }
}

impl Stroke {
    pub fn length(&self) -> f64 {
        self.right - self.left
    }

    pub fn middle(&self) -> f64 {
        (self.left + self.right) / 2.0
    }

    pub fn is_level(&self) -> bool {
        self.bottom - self.top < 0.1
    }
}

impl Paper {
    pub fn of(pdf: &[u8]) -> Paper {
        let zoom = ZOOM.to_string();
        let (pages, runs) = runs(&ask("pdftohtml", &["-xml", "-zoom", &zoom, "-i", "-stdout"], pdf, &[]));
        let strokes = (1..=pages.len()).flat_map(|page| strokes(pdf, page)).collect();
        Paper { pages, runs, strokes }
    }

    /// The line that begins with the first of these words, as one run from its first to its last letter.
    #[track_caller]
    pub fn line(&self, words: &str) -> Run {
        self.find_line(words).unwrap_or_else(|| panic!("{words:?} is not on the paper:\n{}", self.words()))
    }

    pub fn find_line(&self, words: &str) -> Option<Run> {
        (0..self.runs.len()).find_map(|first| {
            let mut line = self.runs[first].clone();
            let same_line = |run: &&Run| {
                run.page == line.page && (run.baseline - line.baseline).abs() < 2.0 && run.bold == line.bold
            };
            for run in self.runs[first + 1..].iter().take_while(same_line).cloned().collect::<Vec<_>>() {
                if run.left < line.right - 1.0 || run.left > line.right + 8.0 {
                    break;
                }
                line.text.push_str(&run.text);
                line.right = run.right;
            }
            line.text.trim_start().starts_with(words).then_some(line)
        })
    }

    /// The first level stroke below a line and nearer than `within` points.
    #[track_caller]
    pub fn rule_under(&self, line: &Run, within: f64) -> Stroke {
        let below = |stroke: &&Stroke| {
            let down = stroke.top - line.baseline;
            stroke.page == line.page
                && stroke.is_level()
                && (0.0..within).contains(&down)
                && (stroke.left..stroke.right).contains(&line.middle())
        };
        self.strokes.iter().find(below).cloned().unwrap_or_else(|| panic!("no rule under {:?}", line.text))
    }

    pub fn words(&self) -> String {
        self.runs.iter().map(|run| run.text.as_str()).collect::<Vec<_>>().join("\n")
    }
}

/// Size within half a point, weight and slope.
#[track_caller]
pub fn assert_look(run: &Run, size: f64, bold: bool, italic: bool) {
    let found = (run.size, run.bold, run.italic);
    assert!((run.size - size).abs() <= 0.5 && run.bold == bold && run.italic == italic, "{:?} is {found:?}", run.text);
}

/// Gives a PDF to one of poppler's programs and reads the answer.
pub fn ask(program: &str, before: &[&str], pdf: &[u8], after: &[&str]) -> String {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(pdf).unwrap();
    let mut command = Command::new(program);
    command.args(before).arg(file.path()).args(after);
    let output = command.stderr(Stdio::null()).output().expect("poppler-utils are installed");
    assert!(output.status.success(), "{program} refuses the file");
    String::from_utf8(output.stdout).unwrap()
}

fn runs(xml: &str) -> (Vec<(f64, f64)>, Vec<Run>) {
    let (mut pages, mut runs, mut fonts) = (Vec::new(), Vec::new(), Vec::new());
    for line in xml.lines() {
        let number = |name| attribute(line, name).and_then(|value| value.parse::<f64>().ok()).unwrap_or_default();
        if line.starts_with("<page ") {
            pages.push((number("width") / ZOOM, number("height") / ZOOM));
        } else if line.trim_start().starts_with("<fontspec ") {
            fonts.push((attribute(line, "id").unwrap_or_default().to_owned(), number("size") / ZOOM));
        } else if let Some((_, rest)) = line.split_once("<text ") {
            let content = rest.split_once('>').map_or("", |(_, content)| content);
            let font = attribute(line, "font").unwrap_or_default();
            let size = fonts.iter().rev().find(|(id, _)| id == font).map_or(0.0, |(_, size)| *size);
            let left = number("left") / ZOOM;
            let text = plain(content);
            // The space at which a line was broken is counted as its last sign: a quarter of an em.
            let spaces = (text.len() - text.trim_end_matches(' ').len()) as f64;
            runs.push(Run {
                page: pages.len(),
                left,
                right: left + number("width") / ZOOM - spaces * 0.25 * size,
                // The box of a line ends with the descender, which Times New Roman and its likes have at 0.216 em.
                baseline: (number("top") + number("height")) / ZOOM - 0.216 * size,
                size,
                bold: content.contains("<b>"),
                italic: content.contains("<i>"),
                text,
            });
        }
    }
    (pages, runs)
}

fn attribute<'a>(tag: &'a str, name: &str) -> Option<&'a str> {
    tag.split_once(&format!(" {name}=\""))?.1.split_once('"').map(|(value, _)| value)
}

fn plain(content: &str) -> String {
    let mut text = String::new();
    let mut inside = false;
    for sign in content.chars() {
        match sign {
            '<' => inside = true,
            '>' => inside = false,
            sign if !inside => text.push(sign),
            _ => {}
        }
    }
    text.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&#39;", "'").replace("&amp;", "&")
}

fn strokes(pdf: &[u8], page: usize) -> Vec<Stroke> {
    let number = page.to_string();
    let svg = ask("pdftocairo", &["-svg", "-f", &number, "-l", &number], pdf, &["-"]);
    let mut strokes = Vec::new();
    for path in svg.split("<path ").skip(1).filter(|path| path.contains("fill:none")) {
        let path = path.split_once("/>").map_or(path, |(path, _)| path);
        let matrix = path.split_once("matrix(").and_then(|(_, rest)| rest.split_once(')')).map_or("", |(m, _)| m);
        let matrix: Vec<f64> = matrix.split(',').filter_map(|value| value.trim().parse().ok()).collect();
        let place = |x: f64, y: f64| match matrix.as_slice() {
            [a, b, c, d, e, f] => (a * x + c * y + e, b * x + d * y + f),
            _ => (x, y),
        };
        let mut numbers: Vec<f64> = Vec::new();
        for word in attribute(&format!(" {path}"), "d").unwrap_or_default().split_whitespace() {
            match word.parse() {
                Ok(value) => numbers.push(value),
                // A curve is no rule; a closed path says its first point again by itself.
                Err(_) if word == "C" => numbers.push(f64::NAN),
                Err(_) => {}
            }
        }
        let points: Vec<(f64, f64)> = numbers.chunks_exact(2).map(|point| place(point[0], point[1])).collect();
        for pair in points.windows(2).filter(|pair| pair.iter().all(|(x, y)| x.is_finite() && y.is_finite())) {
            let [(x1, y1), (x2, y2)] = [pair[0], pair[1]];
            strokes.push(Stroke { page, left: x1.min(x2), right: x1.max(x2), top: y1.min(y2), bottom: y1.max(y2) });
        }
    }
    strokes
}
