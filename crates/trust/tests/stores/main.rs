//! Trust stores in homes of their own, with the programs that really use them.

mod browsers;
mod nss;
mod p11_kit;
mod support;
mod system;
mod trouble;
mod umask;
