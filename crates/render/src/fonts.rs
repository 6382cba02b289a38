//! Finds one serif family for PDF documents: Times New Roman if the machine has it, else one with the same widths.
//!
//! A family counts only when each of its four faces really has the Vietnamese letters: an old Liberation without them is
//! still packaged beside the new one, and words would be patched together from two families. A machine with none of them
//! gets Libertinus Serif, which is part of this program.

use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use typst::foundations::Bytes;
use typst::text::{Font, FontStyle, FontWeight};

/// The four faces of one family.
pub struct Fonts {
    pub family: &'static str,
    /// Regular, bold, italic, bold italic; one of each.
    pub faces: Vec<Font>,
}

impl Fonts {
    /// Whether every face can draw the sign.
    pub fn draw(&self, sign: char) -> bool {
        self.faces.iter().all(|face| face.info().coverage.contains(u32::from(sign)))
    }
}

/// Best first. The second part is how their file names begin, so that a scan opens few files.
const FAMILIES: [(&str, &str); 3] =
    [("Times New Roman", "times"), ("Liberation Serif", "liberationserif"), ("Tinos", "tinos")];

const FALLBACK: &str = "Libertinus Serif";

/// Font folders are shallow; this bounds a link that leads back into itself.
const MAX_DEPTH: usize = 6;

/// The fonts of this machine, looked up once.
pub fn fonts() -> &'static Fonts {
    static FONTS: OnceLock<Fonts> = OnceLock::new();
    FONTS.get_or_init(|| choose(&font_folders()).unwrap_or_else(fallback))
}

fn choose(folders: &[PathBuf]) -> Option<Fonts> {
    let mut files = Vec::new();
    for folder in folders {
        list_font_files(folder, MAX_DEPTH, &mut files);
    }
    files.sort();
    FAMILIES.into_iter().find_map(|(family, file_start)| {
        let named = files.iter().filter(|file| plain_name(file).starts_with(file_start));
        let data = named.filter_map(|file| std::fs::read(file).ok()).map(Bytes::new);
        four_faces(family, data.flat_map(Font::iter))
    })
}

/// The family that is part of this program.
pub fn fallback() -> Fonts {
    let carried = typst_assets::fonts().map(Bytes::new).flat_map(Font::iter);
    four_faces(FALLBACK, carried).expect("typst-assets carries all four faces of Libertinus Serif")
}

/// Regular and bold, upright and italic, or nothing when one is missing.
fn four_faces(family: &'static str, fonts: impl Iterator<Item = Font>) -> Option<Fonts> {
    let usable: Vec<Font> = fonts.filter(|font| font.info().family == family && has_vietnamese(font)).collect();
    let with_style = |style| usable.iter().filter(move |font| font.info().variant.style == style);
    let weight = |font: &&Font| font.info().variant.weight;
    let regular = |style| with_style(style).find(|font| weight(font) == FontWeight::REGULAR).cloned();
    // Semibold stands in for bold: the bold italic of Libertinus 7 has no Ơ and no Ư.
    let strong = FontWeight::SEMIBOLD..=FontWeight::BOLD;
    let bold = |style| with_style(style).filter(|font| strong.contains(&weight(font))).max_by_key(weight).cloned();
    let faces = [FontStyle::Normal, FontStyle::Italic].into_iter().flat_map(|style| [regular(style), bold(style)]);
    Some(Fonts { family, faces: faces.collect::<Option<Vec<Font>>>()? })
}

fn has_vietnamese(font: &Font) -> bool {
    let letters = (0x1EA0..=0x1EF9).chain("ĂÂĐÊÔƠƯăâđêôơư".chars().map(u32::from));
    letters.into_iter().all(|letter| font.info().coverage.contains(letter))
}

fn list_font_files(folder: &Path, depth: usize, files: &mut Vec<PathBuf>) {
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    for path in entries.flatten().map(|entry| entry.path()) {
        if path.is_dir() {
            if depth > 0 {
                list_font_files(&path, depth - 1, files);
            }
        } else if FAMILIES.iter().any(|(_, file_start)| plain_name(&path).starts_with(file_start)) {
            let extension = path.extension().and_then(|extension| extension.to_str()).unwrap_or_default();
            if ["ttf", "otf", "ttc"].contains(&extension.to_lowercase().as_str()) {
                files.push(path);
            }
        }
    }
}

/// The file name in small letters without the signs that packagers put between words.
fn plain_name(path: &Path) -> String {
    let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    name.chars().filter(|sign| !matches!(sign, ' ' | '_' | '-')).flat_map(char::to_lowercase).collect()
}

fn font_folders() -> Vec<PathBuf> {
    let fixed =
        ["/usr/share/fonts", "/usr/local/share/fonts", "/System/Library/Fonts", "/Library/Fonts", "C:\\Windows\\Fonts"];
    let own = [".fonts", ".local/share/fonts", "Library/Fonts", "AppData\\Local\\Microsoft\\Windows\\Fonts"];
    let own = std::env::home_dir().into_iter().flat_map(|home| own.map(|folder| home.join(folder)));
    fixed.into_iter().map(PathBuf::from).chain(own).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_document_font_has_four_faces_with_all_vietnamese_letters() {
        for fonts in [fonts(), &fallback()] {
            assert_eq!(fonts.faces.len(), 4, "{}", fonts.family);
            for letter in "ẠẬẶẸẾỆỊỌỘỢỤỨỰỲỴỸạậặẹếệịọộợụứựỳỵỹĐđ–…()*".chars()
            {
                assert!(fonts.draw(letter), "{} has no {letter}", fonts.family);
            }
        }
    }

    #[test]
    fn a_machine_without_fonts_falls_back_on_the_carried_family() {
        assert!(choose(&[PathBuf::from("/nowhere")]).is_none());
        assert_eq!(fallback().family, FALLBACK);
    }

    #[test]
    fn file_names_are_compared_without_their_separators() {
        assert_eq!(plain_name(Path::new("/f/Times_New_Roman-Bold.TTF")), "timesnewromanbold.ttf");
    }
}
