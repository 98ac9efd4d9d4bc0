// Who finds the candidates of a run; the server's shares the work with other processes.
#pragma once

#include "core/limits.hpp"

namespace recon::match {

struct Plan;
struct Index;
struct Below;
class CandidateSink;
class Reservation;

class CandidateFinder {
  public:
    virtual ~CandidateFinder() = default;
    // As a CandidateSearch over all classes of A does. `comparisons`: about how many pairs there
    // are to compare.
    virtual void find(const Plan& plan, const Index& index, double comparisons, CandidateSink& sink,
                      Below& below, Reservation& memory, StopToken& stop) = 0;
};

}  // namespace recon::match
