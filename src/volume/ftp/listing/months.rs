//! The names of the months, as `ls` writes them in the languages that servers are installed in.

/// Lower-case, without the dot that some languages put behind. Where a name is not ASCII it is here in UTF-8 and in the charset of old servers.
const OTHER: &[(i8, &[&[u8]])] = &[
    (
        1,
        &[
            b"j\xc3\xa4n",
            b"j\xe4n",
            b"janv",
            b"janvier",
            b"januar",
            b"jaen",
            b"ene",
            b"enero",
            b"gen",
            b"gennaio",
            b"sty",
            b"led",
            b"tammi",
        ],
    ),
    (2, &[b"f\xc3\xa9v", b"f\xc3\xa9vr", b"f\xe9v", b"f\xe9vr", b"fevr", b"fev", b"f\xc3\xa9vrier", b"febr", b"februar", b"lut", b"helmi"]),
    (
        3,
        &[
            b"m\xc3\xa4r",
            b"m\xe4r",
            b"m\xc3\xa4rz",
            b"m\xe4rz",
            b"m\xc3\xa1rc",
            b"m\xe1rc",
            b"maerz",
            b"mrz",
            b"mars",
            b"mrt",
            b"marzo",
            b"marz",
            b"m\xc3\xa4rs",
            b"mer",
            b"maalis",
        ],
    ),
    (4, &[b"avr", b"avril", b"abr", b"abril", b"\xc3\xa1pr", b"\xe1pr", b"aprile", b"kwi", b"april", b"huhti"]),
    (5, &[b"mai", b"mag", b"maggio", b"mayo", b"mei", b"maj", b"m\xc3\xa1j", b"m\xe1j", b"touko"]),
    (6, &[b"juin", b"juni", b"giu", b"giugno", b"j\xc3\xban", b"j\xfan", b"junio", b"cze", b"june", b"kes\xc3\xa4", b"kes\xe4"]),
    (
        7,
        &[
            b"juil",
            b"juillet",
            b"juli",
            b"lug",
            b"luglio",
            b"j\xc3\xbal",
            b"j\xfal",
            b"julio",
            b"lip",
            b"july",
            b"hein\xc3\xa4",
            b"hein\xe4",
        ],
    ),
    (8, &[b"ao\xc3\xbb", b"ao\xfb", b"ao\xc3\xbbt", b"ao\xfbt", b"aout", b"ago", b"agosto", b"sie", b"august", b"elo"]),
    (9, &[b"sept", b"szept", b"set", b"sett", b"settembre", b"wrz", b"september", b"syys"]),
    (10, &[b"okt", b"ott", b"ottobre", b"out", b"oktober", b"octobre", b"pa\xc5\xba", b"pa\xbc", b"loka"]),
    (11, &[b"novembre", b"november", b"lis", b"marras"]),
    (
        12,
        &[
            b"d\xc3\xa9c",
            b"d\xe9c",
            b"dez",
            b"dic",
            b"d\xc3\xa9cembre",
            b"dezember",
            b"december",
            b"desember",
            b"des",
            b"dez",
            b"gru",
            b"joulu",
        ],
    ),
    // Cyrillic, in UTF-8.
    (1, &["янв".as_bytes(), "січ".as_bytes()]),
    (2, &["фев".as_bytes(), "лют".as_bytes()]),
    (3, &["мар".as_bytes(), "мрт".as_bytes(), "бер".as_bytes()]),
    (4, &["апр".as_bytes(), "кві".as_bytes()]),
    (5, &["май".as_bytes(), "мая".as_bytes(), "тра".as_bytes()]),
    (6, &["июн".as_bytes(), "чер".as_bytes()]),
    (7, &["июл".as_bytes(), "лип".as_bytes()]),
    (8, &["авг".as_bytes(), "сер".as_bytes()]),
    (9, &["сен".as_bytes(), "вер".as_bytes()]),
    (10, &["окт".as_bytes(), "жов".as_bytes()]),
    (11, &["ноя".as_bytes(), "лис".as_bytes()]),
    (12, &["дек".as_bytes(), "гру".as_bytes()]),
];

/// The longest name in the table.
const LONGEST: usize = 10;

/// The number of the month that `field` names, in any case, a dot or comma behind it left out.
pub(super) fn month_named(field: &[u8]) -> Option<i8> {
    if let Some(month) = english(field) {
        return Some(month);
    }
    let name = field.strip_suffix(b",").unwrap_or(field);
    let name = name.strip_suffix(b".").unwrap_or(name);
    // Most fields that are asked about are numbers and owners.
    if !(3..=LONGEST).contains(&name.len()) || name.first().is_none_or(u8::is_ascii_digit) {
        return None;
    }
    english(name)
        .or_else(|| OTHER.iter().find(|(_, names)| names.iter().any(|known| known.eq_ignore_ascii_case(name))).map(|(month, _)| *month))
}

/// The names that nearly all servers write.
fn english(name: &[u8]) -> Option<i8> {
    let &[a, b, c] = name else { return None };
    Some(match &[a, b, c].map(|byte| byte.to_ascii_lowercase()) {
        b"jan" => 1,
        b"feb" => 2,
        b"mar" => 3,
        b"apr" => 4,
        b"may" => 5,
        b"jun" => 6,
        b"jul" => 7,
        b"aug" => 8,
        b"sep" => 9,
        b"oct" => 10,
        b"nov" => 11,
        b"dec" => 12,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn months_are_known_in_several_languages_and_charsets() {
        for (name, month) in
            [("Jan", 1), ("DEC", 12), ("Juli,", 7), ("szept", 9), ("Okt.", 10), ("août", 8), ("déc.", 12), ("мая", 5), ("mag", 5)]
        {
            assert_eq!(month_named(name.as_bytes()), Some(month), "{name}");
        }
        assert_eq!(month_named(b"M\xe4r"), Some(3));
        for name in ["Jam", "", "January31st", "123", "user", "."] {
            assert_eq!(month_named(name.as_bytes()), None, "{name}");
        }
    }

    #[test]
    fn no_name_stands_for_two_months_and_none_is_longer_than_the_longest() {
        let mut seen = std::collections::HashMap::new();
        for (month, names) in OTHER {
            for name in *names {
                assert!(name.len() <= LONGEST, "{}", String::from_utf8_lossy(name));
                assert_eq!(*seen.entry(*name).or_insert(*month), *month, "{}", String::from_utf8_lossy(name));
            }
        }
    }
}
