//! Code pages of DOS that no browser knows, and whose names live on: on embedded servers, in old archives and on FAT disks.

/// A code page: ASCII, and 128 letters behind it.
#[derive(PartialEq, Eq)]
pub(super) struct Dos {
    /// What it is called.
    pub(super) label: &'static str,
    /// Its number.
    number: &'static str,
    /// The letters from 0x80 on; one that does not exist is U+FFFD.
    high: &'static str,
}

const PAGES: &[Dos] = &[
    Dos {
        label: "IBM437",
        number: "437",
        high: "ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜ¢£¥₧ƒáíóúñÑªº¿⌐¬½¼¡«»░▒▓│┤╡╢╖╕╣║╗╝╜╛┐└┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀αßΓπΣσµτΦΘΩδ∞φε∩≡±≥≤⌠⌡÷≈°∙·√ⁿ²■\u{a0}",
    },
    Dos {
        label: "IBM737",
        number: "737",
        high: "ΑΒΓΔΕΖΗΘΙΚΛΜΝΞΟΠΡΣΤΥΦΧΨΩαβγδεζηθικλμνξοπρσςτυφχψ░▒▓│┤╡╢╖╕╣║╗╝╜╛┐└┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀ωάέήϊίόύϋώΆΈΉΊΌΎΏ±≥≤ΪΫ÷≈°∙·√ⁿ²■\u{a0}",
    },
    Dos {
        label: "IBM850",
        number: "850",
        high: "ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜø£Ø×ƒáíóúñÑªº¿®¬½¼¡«»░▒▓│┤ÁÂÀ©╣║╗╝¢¥┐└┴┬├─┼ãÃ╚╔╩╦╠═╬¤ðÐÊËÈıÍÎÏ┘┌█▄¦Ì▀ÓßÔÒõÕµþÞÚÛÙýÝ¯´\u{ad}±‗¾¶§÷¸°¨·¹³²■\u{a0}",
    },
    Dos {
        label: "IBM852",
        number: "852",
        high: "ÇüéâäůćçłëŐőîŹÄĆÉĹĺôöĽľŚśÖÜŤťŁ×čáíóúĄąŽžĘę¬źČş«»░▒▓│┤ÁÂĚŞ╣║╗╝Żż┐└┴┬├─┼Ăă╚╔╩╦╠═╬¤đĐĎËďŇÍÎě┘┌█▄ŢŮ▀ÓßÔŃńňŠšŔÚŕŰýÝţ´\u{ad}˝˛ˇ˘§÷¸°¨˙űŘř■\u{a0}",
    },
    Dos {
        label: "IBM857",
        number: "857",
        high: "ÇüéâäàåçêëèïîıÄÅÉæÆôöòûùİÖÜø£ØŞşáíóúñÑĞğ¿®¬½¼¡«»░▒▓│┤ÁÂÀ©╣║╗╝¢¥┐└┴┬├─┼ãÃ╚╔╩╦╠═╬¤ºªÊËÈ\u{fffd}ÍÎÏ┘┌█▄¦Ì▀ÓßÔÒõÕµ\u{fffd}×ÚÛÙìÿ¯´\u{ad}±\u{fffd}¾¶§÷¸°¨·¹³²■\u{a0}",
    },
    Dos {
        label: "IBM865",
        number: "865",
        high: "ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜø£Ø₧ƒáíóúñÑªº¿⌐¬½¼¡«¤░▒▓│┤╡╢╖╕╣║╗╝╜╛┐└┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀αßΓπΣσµτΦΘΩδ∞φε∩≡±≥≤⌠⌡÷≈°∙·√ⁿ²■\u{a0}",
    },
];

/// The one that goes by `cp437`, `IBM437` or `437`, in any case.
pub(super) fn of_label(label: &str) -> Option<&'static Dos> {
    let lower = label.to_ascii_lowercase();
    let number = ["cp", "ibm"].iter().find_map(|prefix| lower.strip_prefix(prefix)).unwrap_or(&lower).trim_start_matches(['-', '_']);
    PAGES.iter().find(|page| page.number == number)
}

impl Dos {
    /// The letter of a byte.
    pub(super) fn char_of(&self, byte: u8) -> Option<char> {
        match byte {
            0..=0x7f => Some(char::from(byte)),
            0x80..=0xff => self.high.chars().nth(usize::from(byte - 0x80)).filter(|&c| c != char::REPLACEMENT_CHARACTER),
        }
    }

    /// The byte of a letter.
    pub(super) fn byte_of(&self, c: char) -> Option<u8> {
        if c.is_ascii() {
            return u8::try_from(c).ok();
        }
        let place = self.high.chars().position(|high| high == c).filter(|_| c != char::REPLACEMENT_CHARACTER)?;
        u8::try_from(0x80 + place).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_page_has_as_many_letters_as_bytes_beyond_ascii() {
        for page in PAGES {
            assert_eq!(page.high.chars().count(), 128, "{}", page.label);
            for byte in 0..=0xff {
                assert!(page.char_of(byte).is_none_or(|c| page.byte_of(c) == Some(byte)), "{} {byte:x}", page.label);
            }
        }
    }
}
