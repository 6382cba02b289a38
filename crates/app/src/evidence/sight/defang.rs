//! Takes the teeth out of text: no address in it can be followed by accident, and everybody in this work can read it.

/// Writes links, addresses and names of machines so that nothing makes a link of them: `hxxp://evil[.]example`.
pub fn defang(text: &str) -> String {
    let mut safe = String::with_capacity(text.len() + text.len() / 8);
    for piece in text.split_inclusive(is_end) {
        let word = piece.strip_suffix(is_end).unwrap_or(piece);
        safe.push_str(&word_without_teeth(word));
        safe.push_str(&piece[word.len()..]);
    }
    safe
}

/// What ends a word: white space and what stands around addresses.
fn is_end(letter: char) -> bool {
    letter.is_whitespace() || "<>()[]{},;\"'“”|".contains(letter)
}

fn word_without_teeth(word: &str) -> String {
    let link = word.contains("://");
    if !link && !word.contains('@') && !names_a_machine(word) {
        return word.to_owned();
    }
    let mut safe = String::with_capacity(word.len() + 16);
    let mut rest = word;
    for (scheme, harmless) in [("https://", "hxxps://"), ("http://", "hxxp://"), ("ftp://", "fxp://")] {
        if let Some(place) = rest.to_ascii_lowercase().find(scheme) {
            safe.push_str(&rest[..place]);
            safe.push_str(harmless);
            rest = &rest[place + scheme.len()..];
        }
    }
    let letters: Vec<char> = rest.chars().collect();
    for (place, letter) in letters.iter().enumerate() {
        let beside = |at: Option<usize>| at.and_then(|at| letters.get(at)).is_some_and(|other| other.is_alphanumeric());
        match letter {
            '.' if beside(place.checked_sub(1)) && beside(place.checked_add(1)) => safe.push_str("[.]"),
            '@' => safe.push_str("[@]"),
            other => safe.push(*other),
        }
    }
    safe
}

/// `www.example.vn`, `198.51.100.23`, `mail.example.vn/a`: labels with dots between, the last one a word, or four numbers.
fn names_a_machine(word: &str) -> bool {
    let host = word.split(['/', ':', '?', '#']).next().unwrap_or_default().trim_end_matches('.');
    let labels: Vec<&str> = host.split('.').collect();
    let proper = |label: &&str| {
        !label.is_empty() && label.chars().all(|letter| letter.is_alphanumeric() || letter == '-' || letter == '_')
    };
    if labels.len() < 2 || !labels.iter().all(proper) {
        return false;
    }
    let last = labels.last().copied().unwrap_or_default();
    let word = last.len() >= 2 && last.chars().all(char::is_alphabetic);
    let number = |label: &&str| label.bytes().all(|byte| byte.is_ascii_digit());
    word || (labels.len() == 4 && labels.iter().all(number))
}

#[cfg(test)]
mod tests {
    use super::defang;

    #[test]
    fn no_address_is_left_that_can_be_followed() {
        let table = [
            ("xem http://tai-ve.example/a.exe ngay", "xem hxxp://tai-ve[.]example/a[.]exe ngay"),
            ("HTTPS://Evil.Example:8443/x?y=1.2", "hxxps://Evil[.]Example:8443/x?y=1[.]2"),
            ("<lan@example.vn>", "<lan[@]example[.]vn>"),
            ("from mx1.example (198.51.100.23)", "from mx1[.]example (198[.]51[.]100[.]23)"),
            ("ftp://10.0.0.9/a", "fxp://10[.]0[.]0[.]9/a"),
            ("javascript:http://a.vn", "javascript:hxxp://a[.]vn"),
            ("Trân trọng. Giá 1.250.000 đồng, mục 2.3.", "Trân trọng. Giá 1.250.000 đồng, mục 2.3."),
            ("www.máy-chủ.vn/đường", "www[.]máy-chủ[.]vn/đường"),
        ];
        for (typed, safe) in table {
            assert_eq!(defang(typed), safe);
        }
        assert_eq!(defang("a\n\tb  c"), "a\n\tb  c");
    }
}
