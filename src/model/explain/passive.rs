//! What the address in a 227 tells of the network that a server is in.

use core::net::{IpAddr, Ipv4Addr};

/// Whether an address in a 227 (RFC 959 §4.1.2) is one of a network behind a router, which nobody outside can dial, while the server itself was
/// dialled at an address that everybody can. ftpane does not use that address; who takes it from there is why passive mode fails elsewhere.
pub fn is_private_passive(text: &[u8], peer: IpAddr) -> bool {
    let numbers: Vec<u8> = text
        .split(|byte| !(byte.is_ascii_digit() || *byte == b','))
        .find(|run| run.iter().filter(|&&byte| byte == b',').count() >= 5)
        .into_iter()
        .flat_map(|run| run.split(|&byte| byte == b','))
        .map_while(|number| core::str::from_utf8(number).ok()?.parse().ok())
        .collect();
    let Some(&[a, b, c, d]) = numbers.first_chunk::<4>() else { return false };
    let told = Ipv4Addr::new(a, b, c, d);
    let IpAddr::V4(peer) = peer.to_canonical() else { return false };
    let is_hidden = |address: Ipv4Addr| address.is_private() || address.is_loopback() || address.is_link_local();
    told != peer && (told.is_unspecified() || is_hidden(told))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_of_a_router_s_inside_is_known_in_a_227() {
        let peer = "192.0.2.9".parse().unwrap();
        assert!(is_private_passive(b"Entering Passive Mode (10,0,0,5,200,13).", peer));
        assert!(is_private_passive(b"Entering Passive Mode (0,0,0,0,200,13)", peer));
        assert!(!is_private_passive(b"Entering Passive Mode (192,0,2,9,200,13)", peer));
        assert!(!is_private_passive(b"Entering Passive Mode (127,0,0,1,200,13)", "127.0.0.1".parse().unwrap()));
        assert!(!is_private_passive(b"Entering Passive Mode", peer));
    }
}
