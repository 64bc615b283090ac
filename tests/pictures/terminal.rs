//! A terminal, drawn as it shows a text with colours.
//!
//! Every piece of text says how wide it is, so that columns stay columns in whatever font there is;
//! bars are drawn and need none.

use std::fmt::Write as _;

/// How wide a character is, and how high a line.
const CELL: (f64, f64) = (8.0, 19.0);

/// What is left free around the text.
const MARGIN: f64 = 16.0;

const PAPER: &str = "#14171c";
const INK: &str = "#d8dee6";

/// What the control sequences before a piece of text ask for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Style {
    color: &'static str,
    bold: bool,
    inverse: bool,
}

const PLAIN: Style = Style { color: INK, bold: false, inverse: false };

/// Draws a command and what it says.
pub(crate) fn draw(command: &str, shown: &str) -> String {
    let lines: Vec<_> = shown.lines().map(pieces).collect();
    let width_of = |line: &Vec<(Style, String)>| {
        line.iter().map(|(_, text)| text.chars().count()).sum::<usize>()
    };
    let columns = lines.iter().map(width_of).max().unwrap_or(0).max(command.len() + 2);
    let (width, height) = (at_column(columns) + MARGIN, at_line(lines.len() + 2));
    let mut drawn = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" width=\"{width}\" \
         height=\"{height}\" font-family=\"ui-monospace, 'DejaVu Sans Mono', Menlo, Consolas, monospace\" \
         font-size=\"13\">\n<title>{}</title>\n<rect width=\"100%\" height=\"100%\" rx=\"8\" fill=\"{PAPER}\"/>\n",
        escaped(command)
    );
    let prompt = vec![
        (Style { color: "#8b949e", ..PLAIN }, "$ ".to_owned()),
        (Style { bold: true, ..PLAIN }, command.to_owned()),
    ];
    for (number, line) in std::iter::once(&prompt).chain(&lines).enumerate() {
        // Below the command a line is left free.
        draw_line(&mut drawn, line, if number == 0 { 0.3 } else { number as f64 + 0.7 });
    }
    drawn + "</svg>\n"
}

fn draw_line(drawn: &mut String, line: &[(Style, String)], number: f64) {
    let top = MARGIN + (number - 0.3) * CELL.1;
    let mut column = 0;
    for (style, text) in line {
        let mut rest = text.as_str();
        while let Some(first) = rest.chars().next() {
            let same = |character: char| shade(character) == shade(first);
            let end = rest.find(|character| !same(character)).unwrap_or(rest.len());
            let (part, others) = rest.split_at(end);
            let length = part.chars().count();
            match shade(first) {
                Some(opacity) => draw_bar(drawn, *style, (column, length, top), opacity),
                None => draw_text(drawn, *style, (column, length, top), part),
            }
            column += length;
            rest = others;
        }
    }
}

/// How full a block is; what is none has no shade.
fn shade(character: char) -> Option<&'static str> {
    match character {
        '█' => Some("1"),
        '▓' => Some("0.75"),
        '▒' => Some("0.5"),
        '░' => Some("0.3"),
        _ => None,
    }
}

fn draw_bar(
    drawn: &mut String,
    style: Style,
    (column, length, top): (usize, usize, f64),
    opacity: &str,
) {
    let (x, width, y) = (at_column(column), length as f64 * CELL.0, top + 4.0);
    let color = style.color;
    writeln!(
        drawn,
        "<rect x=\"{x}\" y=\"{y:.1}\" width=\"{width}\" height=\"11\" fill=\"{color}\" fill-opacity=\"{opacity}\"/>"
    )
    .unwrap();
}

fn draw_text(
    drawn: &mut String,
    style: Style,
    (column, length, top): (usize, usize, f64),
    text: &str,
) {
    let (x, width, y) = (at_column(column), length as f64 * CELL.0, top + 14.0);
    let Style { mut color, bold, inverse } = style;
    if inverse {
        let height = CELL.1 - 2.0;
        writeln!(drawn, "<rect x=\"{x}\" y=\"{top:.1}\" width=\"{width}\" height=\"{height}\" fill=\"{color}\"/>")
            .unwrap();
        color = PAPER;
    }
    if text.trim().is_empty() {
        return;
    }
    let weight = if bold { " font-weight=\"bold\"" } else { "" };
    writeln!(
        drawn,
        "<text x=\"{x}\" y=\"{y:.1}\" textLength=\"{width}\" fill=\"{color}\"{weight} xml:space=\"preserve\">{}</text>",
        escaped(text)
    )
    .unwrap();
}

fn at_column(column: usize) -> f64 {
    MARGIN + column as f64 * CELL.0
}

fn at_line(line: usize) -> f64 {
    MARGIN * 2.0 + line as f64 * CELL.1
}

/// Takes a line apart at its control sequences.
fn pieces(line: &str) -> Vec<(Style, String)> {
    let mut style = PLAIN;
    let mut pieces = Vec::new();
    for (index, part) in line.split("\u{1b}[").enumerate() {
        let text = match part.split_once('m') {
            Some((parameters, text)) if index > 0 => {
                style = parameters.split(';').fold(style, apply);
                text
            }
            _ => part,
        };
        pieces.push((style, text.to_owned()));
    }
    pieces.retain(|(_, text)| !text.is_empty());
    pieces
}

/// The parameters of SGR that plan and diff write.
fn apply(style: Style, parameter: &str) -> Style {
    match parameter {
        "0" => PLAIN,
        "1" => Style { bold: true, color: "#ffffff", ..style },
        "2" => Style { color: "#8b949e", ..style },
        "7" => Style { inverse: true, ..style },
        "31" => Style { color: "#ff7b72", ..style },
        "32" => Style { color: "#56d364", ..style },
        "33" => Style { color: "#f0a04b", ..style },
        "36" => Style { color: "#6cb6ff", ..style },
        other => panic!("nothing writes {other}"),
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
