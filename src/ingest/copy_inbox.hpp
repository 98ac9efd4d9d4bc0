// COPY recon.inbox FROM STDIN: the door for streams of clients.
#pragma once

namespace recon::ingest {

void open_inbox();  // when the library is loaded

}  // namespace recon::ingest
