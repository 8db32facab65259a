//! How a server is reached and which of its files are text, as it is kept with a batch: what goes on later goes the same way.
//!
//! Guarantee: a proxy's password is not among it.

use serde::{Deserialize, Serialize};

use crate::model::words::Word as _;
use crate::model::{Ascii, ClockOffset, Family, ListingStyle, PortRange, Reach, Site, Through};

/// As texts.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct Ways {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    proxy: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    bind: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    family: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    ports: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    address: Option<String>,
    /// Empty for all files.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    text: Option<Vec<String>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    listing: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    clock: Option<String>,
}

impl Ways {
    pub(super) fn of(site: &Site) -> Self {
        let Reach { proxy, bind, family, active_ports, active_address } = &site.reach;
        Self {
            proxy: proxy.text(),
            bind: bind.map(|address| address.to_string()),
            family: Some(*family).filter(|family| *family != Family::Any).map(|family| family.word().to_owned()),
            ports: active_ports.map(|range| range.to_string()),
            address: active_address.map(|address| address.to_string()),
            text: match &site.ascii {
                Ascii::Never => None,
                Ascii::Always => Some(Vec::new()),
                Ascii::Extensions(words) => Some(words.clone()),
            },
            listing: Some(site.listing).filter(|style| *style != ListingStyle::Auto).map(|style| style.word().to_owned()),
            clock: site.clock.map(|clock| clock.to_string()),
        }
    }

    /// How it is asked for listings; what cannot be read is found out again.
    pub(super) fn listing(&self) -> ListingStyle {
        self.listing.as_deref().and_then(ListingStyle::of_word).unwrap_or_default()
    }

    /// How far its clock is from UTC, where a person has said so.
    pub(super) fn clock(&self) -> Option<ClockOffset> {
        self.clock.as_deref().and_then(ClockOffset::parse)
    }

    /// `None` where somebody else wrote it: a proxy that cannot be read is not gone round.
    pub(super) fn reach(&self) -> Option<Reach> {
        let proxy = self.proxy.as_deref().map(Through::parse).transpose().ok()?.unwrap_or_default();
        let address = |text: &Option<String>| text.as_deref().map(str::parse).transpose().ok();
        Some(Reach {
            proxy,
            bind: address(&self.bind)?,
            family: self.family.as_deref().map_or(Some(Family::Any), Family::of_word)?,
            active_ports: match self.ports.as_deref() {
                Some(text) => Some(PortRange::parse(text)?),
                None => None,
            },
            active_address: address(&self.address)?,
        })
    }

    pub(super) fn ascii(&self) -> Ascii {
        match self.text.as_deref() {
            None => Ascii::Never,
            Some([]) => Ascii::Always,
            Some(words) => Ascii::of_extensions(words.iter().map(String::as_str)),
        }
    }
}
