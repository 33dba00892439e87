//! A table of nftables' that drops everything and is owned by the socket that made it (`NFT_TABLE_F_OWNER`, Linux 5.12):
//! the kernel removes it when that socket closes. Spoken to the kernel directly, since it is three messages
//! (`linux/netfilter/nf_tables.h`, `nfnetlink.h`): no program of nftables need be there.
use std::io;

use rustix::fd::OwnedFd;
use rustix::net::{
    AddressFamily, RecvFlags, SendFlags, SocketFlags, SocketType, netlink, recv, send, socket_with,
};

const TABLE: &str = "hms_chaos";
/// `inet`: IPv4 and IPv6.
const FAMILY: u8 = 1;
const SUBSYSTEM: u16 = 10;
const NEW_TABLE: u16 = SUBSYSTEM << 8;
const GET_TABLE: u16 = SUBSYSTEM << 8 | 1;
const NEW_CHAIN: u16 = SUBSYSTEM << 8 | 3;
const BATCH_BEGIN: u16 = 0x10;
const BATCH_END: u16 = 0x11;
const REQUEST: u16 = 0x1;
const ACK: u16 = 0x4;
const EXCL: u16 = 0x200;
const CREATE: u16 = 0x400;
/// Type of an answer that is an error, or 0 for done.
const ERROR: u16 = 2;
const NESTED: u16 = 0x8000;
const OWNER: u32 = 0x2;
const DROP: u32 = 0;
/// Before connections are followed, so that open ones are cut too.
const PRIORITY: u32 = u32::from_ne_bytes((-300_i32).to_ne_bytes());
/// `NF_INET_LOCAL_IN`, `NF_INET_FORWARD`, `NF_INET_LOCAL_OUT`.
const HOOKS: [(&str, u32); 3] = [("in", 1), ("through", 2), ("out", 3)];

/// Drops what goes in, out and through this network namespace for as long as the socket is open.
///
/// # Errors
/// What the kernel says: `EPERM` without rights over the namespace, `EEXIST` when it is cut already.
pub fn cut() -> io::Result<OwnedFd> {
    let socket = open()?;
    let mut batch = message(BATCH_BEGIN, REQUEST, 0, 0, SUBSYSTEM, &[]);
    let table = [text(1, TABLE), number(2, OWNER)].concat();
    batch.extend(message(
        NEW_TABLE,
        REQUEST | CREATE | EXCL | ACK,
        1,
        FAMILY,
        0,
        &table,
    ));
    for (place, (name, hook)) in (2..).zip(HOOKS) {
        let hook = [number(1, hook), number(2, PRIORITY)].concat();
        let chain = [
            text(1, TABLE),
            text(3, name),
            attribute(4 | NESTED, &hook),
            number(5, DROP),
            text(7, "filter"),
        ];
        batch.extend(message(
            NEW_CHAIN,
            REQUEST | CREATE | ACK,
            place,
            FAMILY,
            0,
            &chain.concat(),
        ));
    }
    batch.extend(message(BATCH_END, REQUEST, 9, 0, SUBSYSTEM, &[]));
    send(&socket, &batch, SendFlags::empty())?;
    let mut left = 1 + HOOKS.len();
    while left > 0 {
        left = left.saturating_sub(answers(&socket)?);
    }
    Ok(socket)
}

/// Whether it is cut.
///
/// # Errors
/// As [`cut`].
pub fn is_cut() -> io::Result<bool> {
    let socket = open()?;
    send(
        &socket,
        &message(GET_TABLE, REQUEST | ACK, 1, FAMILY, 0, &text(1, TABLE)),
        SendFlags::empty(),
    )?;
    match answers(&socket) {
        Ok(_) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}

fn open() -> io::Result<OwnedFd> {
    let protocol = Some(netlink::NETFILTER);
    Ok(socket_with(
        AddressFamily::NETLINK,
        SocketType::RAW,
        SocketFlags::CLOEXEC,
        protocol,
    )?)
}

/// How many messages say that something is done, or what is there; the first error.
fn answers(socket: &OwnedFd) -> io::Result<usize> {
    let mut buffer = [0; 8192];
    let (_, length) = recv(socket, &mut buffer[..], RecvFlags::empty())?;
    let mut rest = &buffer[..length];
    let mut found = 0;
    while let Some(head) = rest.get(..16) {
        let word =
            |at: usize| u32::from_ne_bytes([head[at], head[at + 1], head[at + 2], head[at + 3]]);
        let length = usize::try_from(word(0)).unwrap_or_default();
        if u16::from_ne_bytes([head[4], head[5]]) == ERROR {
            let code = rest.get(16..20).map_or(0, |code| {
                i32::from_ne_bytes([code[0], code[1], code[2], code[3]])
            });
            if code != 0 {
                return Err(io::Error::from_raw_os_error(-code));
            }
        }
        found += 1;
        rest = rest
            .get(length.next_multiple_of(4).max(16)..)
            .unwrap_or_default();
    }
    Ok(found)
}

/// `nlmsghdr`, `nfgenmsg`, attributes.
fn message(
    kind: u16,
    flags: u16,
    sequence: u32,
    family: u8,
    resource: u16,
    attributes: &[u8],
) -> Vec<u8> {
    let length = u32::try_from(20 + attributes.len()).unwrap_or_default();
    let mut bytes = length.to_ne_bytes().to_vec();
    bytes.extend(kind.to_ne_bytes());
    bytes.extend(flags.to_ne_bytes());
    bytes.extend(sequence.to_ne_bytes());
    bytes.extend([0; 4]);
    bytes.extend([family, 0]);
    bytes.extend(resource.to_be_bytes());
    bytes.extend(attributes);
    bytes
}

/// Padded to four bytes; its length is that without the padding.
fn attribute(kind: u16, value: &[u8]) -> Vec<u8> {
    let length = u16::try_from(4 + value.len()).unwrap_or_default();
    let mut bytes = length.to_ne_bytes().to_vec();
    bytes.extend(kind.to_ne_bytes());
    bytes.extend(value);
    bytes.resize(bytes.len().next_multiple_of(4), 0);
    bytes
}

fn text(kind: u16, text: &str) -> Vec<u8> {
    attribute(kind, &[text.as_bytes(), b"\0"].concat())
}

fn number(kind: u16, number: u32) -> Vec<u8> {
    attribute(kind, &number.to_be_bytes())
}
