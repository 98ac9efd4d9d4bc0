// The temporary files of a run. One that is not needed any more is written anew by the next: so
// letting go of it needs no call of the server, and a run holds as many as it needs at a time.
#pragma once

#include <memory>
#include <vector>

#include "core/match/row_file.hpp"
#include "pg/spool.hpp"

namespace recon::match {

class Spools final : public ScratchFiles {
  public:
    // Its files must not outlive this.
    std::unique_ptr<ScratchFile> make() override;
    void close();  // on the normal way out; an abort does it by itself

  private:
    class File;
    std::vector<std::unique_ptr<pg::Spool>> free_;
};

}  // namespace recon::match
