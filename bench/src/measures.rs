//! What is measured: the groups that `--only` names, and the rows that each gives.

use clap::ValueEnum;

use crate::contenders::Column;

/// One load, which gives one row or several.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub(crate) enum Group {
    Handshakes,
    Single,
    Requests,
    RequestsH2,
    Stream,
    StreamH2,
    Workbench,
    Websocket,
    Memory,
    Start,
}

impl Group {
    pub(crate) const ALL: [Self; 10] = [
        Self::Handshakes,
        Self::Single,
        Self::Requests,
        Self::RequestsH2,
        Self::Stream,
        Self::StreamH2,
        Self::Workbench,
        Self::Websocket,
        Self::Memory,
        Self::Start,
    ];

    /// Whether it needs real editors, started anew in each round.
    pub(crate) fn is_fresh(self) -> bool {
        matches!(self, Self::Workbench | Self::Start)
    }

    /// Whether `column` can take part: the stub has no TLS, code-server no h2 and no stream, and Doorcode's
    /// other modes are there for what it costs a request to say who somebody is.
    pub(crate) fn concerns(self, column: Column) -> bool {
        match column {
            Column::Nginx | Column::Caddy | Column::Doorcode => true,
            Column::Stub => matches!(
                self,
                Self::Single | Self::Requests | Self::Stream | Self::Websocket
            ),
            Column::CodeServer => !matches!(self, Self::RequestsH2 | Self::Stream | Self::StreamH2),
            Column::DoorcodeOpen | Column::DoorcodeProxied => {
                matches!(self, Self::Single | Self::Requests | Self::RequestsH2)
            }
        }
    }
}

/// A row of the table.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) enum Measure {
    Handshakes,
    SingleP50,
    SingleP99,
    Requests,
    RequestP50,
    RequestP99,
    RequestsH2,
    RequestH2P50,
    RequestH2P99,
    Stream,
    StreamH2,
    WorkbenchTime,
    WorkbenchRate,
    EchoP50,
    EchoP99,
    MemoryIdle,
    MemoryHeld,
    Start,
}

impl Measure {
    pub(crate) const ALL: [Self; 18] = [
        Self::Handshakes,
        Self::SingleP50,
        Self::SingleP99,
        Self::Requests,
        Self::RequestP50,
        Self::RequestP99,
        Self::RequestsH2,
        Self::RequestH2P50,
        Self::RequestH2P99,
        Self::Stream,
        Self::StreamH2,
        Self::WorkbenchTime,
        Self::WorkbenchRate,
        Self::EchoP50,
        Self::EchoP99,
        Self::MemoryIdle,
        Self::MemoryHeld,
        Self::Start,
    ];

    pub(crate) fn label(self) -> &'static str {
        match self {
            Self::Handshakes => "new TLS 1.3 connections",
            Self::SingleP50 => "one small request, p50",
            Self::Requests => "small requests, http/1.1",
            Self::RequestP50 | Self::RequestH2P50 => "  p50",
            Self::SingleP99 | Self::RequestP99 | Self::RequestH2P99 => "  p99",
            Self::RequestsH2 => "small requests, h2",
            Self::Stream => "500 MB stream, http/1.1",
            Self::StreamH2 => "500 MB stream, h2",
            Self::WorkbenchTime => "workbench.js, uncompressed",
            Self::WorkbenchRate => "  rate",
            Self::EchoP50 => "WebSocket echo, p50",
            Self::EchoP99 => "  p99",
            Self::MemoryIdle => "resident memory, idle",
            Self::MemoryHeld => "  with 1,000 WebSockets",
            Self::Start => "start to first 200",
        }
    }

    pub(crate) fn unit(self) -> &'static str {
        match self {
            Self::Handshakes | Self::Requests | Self::RequestsH2 => "/s",
            Self::SingleP50 | Self::SingleP99 => "µs",
            Self::RequestP50 | Self::RequestP99 | Self::RequestH2P50 | Self::RequestH2P99 => "µs",
            Self::EchoP50 | Self::EchoP99 => "µs",
            Self::Stream | Self::StreamH2 | Self::WorkbenchRate => "MB/s",
            Self::MemoryIdle | Self::MemoryHeld => "MB",
            Self::WorkbenchTime | Self::Start => "ms",
        }
    }

    /// Rates want to be high; times and memory low.
    pub(crate) fn more_is_better(self) -> bool {
        matches!(self.unit(), "/s" | "MB/s")
    }
}
