//! The names of the months, as `ls` writes them in the languages that servers are installed in.
//!
//! Servers write them in UTF-8 or in what was there before it: a name that is no UTF-8 is compared as the text that it would be in each of
//! the old charsets.

/// The names for each month, from January on: short ones and long ones, lower-case, without the dot that some languages put behind.
const NAMES: [&str; 12] = [
    "jän janv janvier januar jaen ene enero gen gennaio gener sty styczeń led leden tammi tammikuu jaan jaanuar ian ianuarie oca ocak ιαν sau siječanj sij urt ion ean янв января яну сту студ січ январь ม.ค",
    "fév févr fevr fev février febr februar februari lut luty úno únor helmi helmikuu veebr veebruar şub şubat φεβ vas vel veljača ots chw feabh shk фев февр февраля февраль лют ก.พ",
    "mär märz maerz mrz mars mrt maart marzo marz märts març mer marec márc már maalis maaliskuu bře březen kov ožu ožujak μαρ μάρ maw márta мар марта март мрт бер сак มี.ค",
    "avr avril abr abril ápr april aprile kwi kwiecień dub duben huhti huhtikuu nis nisan bal api ebr aib pri απρ апр апреля апрель кві красавік เม.ย",
    "mai mag maggio mayo mei maj máj maí kvě květen touko toukokuu geg svi svibanj μάι μαΐ μαϊ maig май мая тра maijs พ.ค",
    "juin juni giu giugno jún jūn junio cze czerwiec čen červen kesä kesäkuu juuni iun iunie haz haziran bir eka ιούν ιουν meh meith qer juny июн июня июнь юни чер чэр june มิ.ย",
    "juil juill juillet juli jui lug luglio júl jūl julio julho lip lipiec čec červenec heinä heinäkuu juuli iul iulie tem temmuz lie uzt ιούλ ιουλ gor iúil kor juliol июл июля июль юли лип ліп july ก.ค",
    "aoû août aout ago agosto agost sie sierpień srp srpen elo elokuu ağu ağustos agu agt ogo avg ágú rgp kol abu αύγ αυγ aws lún gsh авг августа август сер жні жнів august ส.ค",
    "sept szept set sett settembre setembro septiembre wrz wrzesień zář září syys syyskuu eyl eylül rgs ruj rujan ira σεπ σεπτ med mfómh sht september сен сент сентября сентябрь вер септ ก.ย",
    "okt ott ottobre out outubro oktober octobre octubre oktoober paź październik říj říjen loka lokakuu eki ekim spa urr οκτ hyd dfómh tet окт октября октябрь жов кас кастр ต.ค",
    "novembre november noviembre lis listopad marras marraskuu kas kasım lap stu studeni aza noi noiem nóv νοέ νοε tach samh nën ное ноя ноября ноябрь лис พ.ย",
    "déc dez dic décembre dezember december desember dicembre diciembre dezembro des dets dis gru grudzień pro prosinec joulu joulukuu ara aralık grd abe δεκ rhag noll dhj дек декабря декабрь гру сне снеж ธ.ค",
];

/// The longest name in the table, in bytes.
const LONGEST: usize = 16;

/// Charsets of before UTF-8: of the west, of the middle and of the east of Europe, of Greece and Turkey.
static OLD: [&encoding_rs::Encoding; 8] = [
    encoding_rs::WINDOWS_1252,
    encoding_rs::ISO_8859_2,
    encoding_rs::WINDOWS_1250,
    encoding_rs::WINDOWS_1251,
    encoding_rs::KOI8_R,
    encoding_rs::ISO_8859_5,
    encoding_rs::ISO_8859_7,
    encoding_rs::WINDOWS_1254,
];

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
    english(name).or_else(|| match std::str::from_utf8(name) {
        Ok(name) => in_table(name),
        Err(_) => OLD.iter().find_map(|charset| in_table(&charset.decode_without_bom_handling_and_without_replacement(name)?)),
    })
}

fn in_table(name: &str) -> Option<i8> {
    let lower = name.to_lowercase();
    let is_in = |names: &str| names.split(' ').any(|known| known == lower);
    (1..).zip(NAMES).find(|(_, names)| is_in(names)).map(|(month, _)| month)
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
        for (name, month) in [
            ("Jan", 1),
            ("DEC", 12),
            ("Juli,", 7),
            ("szept", 9),
            ("Okt.", 10),
            ("août", 8),
            ("déc.", 12),
            ("мая", 5),
            ("mag", 5),
            ("Ağu", 8),
            ("ŞUB", 2),
            ("Янв", 1),
            ("Μάι", 5),
            ("říj", 10),
            ("มี.ค.", 3),
        ] {
            assert_eq!(month_named(name.as_bytes()), Some(month), "{name}");
        }
        // In Latin-1, Latin-2, the Windows charset of Russia and KOI8-R.
        for (name, month) in [(&b"M\xe4r"[..], 3), (b"pa\xbc", 10), (b"\xec\xe0\xff", 5), (b"\xd1\xce\xd7", 1), (b"D\xe9c", 12)] {
            assert_eq!(month_named(name), Some(month), "{name:?}");
        }
        for name in ["Jam", "", "January31st", "123", "user", "."] {
            assert_eq!(month_named(name.as_bytes()), None, "{name}");
        }
    }

    #[test]
    fn no_name_stands_for_two_months_and_none_is_longer_than_the_longest() {
        let mut seen = std::collections::HashSet::new();
        for name in NAMES.iter().flat_map(|names| names.split(' ')) {
            assert!((3..=LONGEST).contains(&name.len()) && seen.insert(name), "{name}");
            assert_eq!(name, name.to_lowercase());
        }
    }
}
