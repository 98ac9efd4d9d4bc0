#include <gtest/gtest.h>

#include "core/similarity/double_metaphone.hpp"
#include "core/similarity/metaphone.hpp"
#include "core/similarity/similarity.hpp"
#include "core/similarity/soundex.hpp"

namespace recon::similarity {
namespace {

TEST(Soundex, PublishedExamples) {
    // The US National Archives and D. E. Knuth, The Art of Computer Programming, volume 3.
    for (auto [name, code] : {std::pair{"Robert", "R163"},
                              {"Rupert", "R163"},
                              {"Rubin", "R150"},
                              {"Ashcraft", "A261"},
                              {"Ashcroft", "A261"},
                              {"Tymczak", "T522"},
                              {"Pfister", "P236"},
                              {"Honeyman", "H555"},
                              {"Washington", "W252"},
                              {"Lee", "L000"},
                              {"Gutierrez", "G362"},
                              {"Jackson", "J250"},
                              {"Euler", "E460"},
                              {"Gauss", "G200"},
                              {"Hilbert", "H416"},
                              {"Knuth", "K530"},
                              {"Lloyd", "L300"},
                              {"Lukasiewicz", "L222"},
                              {"Łukasiewicz", "L222"},
                              {"  (müller)", "M460"},
                              {"123", ""},
                              {"", ""}})
        EXPECT_EQ(soundex(name), code) << name;
}

TEST(Metaphone, Examples) {
    for (auto [name, code] : {std::pair{"GUMBO", "KM"},
                              {"Thumb", "0M"},
                              {"Knight", "NFT"},
                              {"Whale", "HL"},
                              {"Wright", "RFT"},
                              {"Xavier", "SFR"},
                              {"Aebersold", "EBRSLT"},
                              {"Schwartz", "XWRTS"},
                              {"School", "SKL"},
                              {"judge", "JJ"},
                              {"Philips", "FLPS"},
                              {"Müller", "MLR"},
                              {"...", ""}})
        EXPECT_EQ(metaphone(name), code) << name;
}

TEST(DoubleMetaphone, Examples) {
    struct Example {
        const char *name, *primary, *alternate;
    };
    for (const Example& example :
         {Example{"Smith", "SM0", "XMT"}, Example{"Schmidt", "XMT", "SMT"},
          Example{"Thomas", "TMS", "TMS"}, Example{"Thumb", "0M", "TM"},
          Example{"Jose", "HS", "HS"}, Example{"Michael", "MKL", "MXL"},
          Example{"Filipowicz", "FLPT", "FLPF"}, Example{"Wasserman", "ASRM", "FSRM"},
          Example{"Arnow", "ARN", "ARNF"}, Example{"François", "FRNS", "FRNS"},
          Example{"Czerny", "SRN", "XRN"}, Example{"Gallegos", "KLKS", "KKS"},
          Example{"Breaux", "PR", "PR"}, Example{"Hochmeier", "HKMR", "HKMR"},
          Example{"12", "", ""}}) {
        DoubleMetaphone codes = double_metaphone(example.name);
        EXPECT_EQ(codes.primary, example.primary) << example.name;
        EXPECT_EQ(codes.alternate, example.alternate) << example.name;
    }
}

TEST(Phonetic, Similarity) {
    EXPECT_EQ(similarity(Algorithm::soundex, "Robert", "Rupert"), 1);
    EXPECT_EQ(similarity(Algorithm::soundex, "Robert", "Rubin"), 0);
    EXPECT_EQ(similarity(Algorithm::metaphone, "Thumb", "Thum"), 1);
    EXPECT_EQ(similarity(Algorithm::double_metaphone, "Smith", "Smyth"), 1);
    EXPECT_EQ(similarity(Algorithm::double_metaphone, "Smith", "Schmidt"), 0.9);
    EXPECT_EQ(similarity(Algorithm::double_metaphone, "Czerny", "Zerny"), 1);
    for (Algorithm algorithm :
         {Algorithm::soundex, Algorithm::metaphone, Algorithm::double_metaphone}) {
        EXPECT_EQ(similarity(algorithm, "12", "34"), 0);
        EXPECT_EQ(similarity(algorithm, "12", "12"), 1);
        EXPECT_EQ(similarity(algorithm, "", "a"), 0);
    }
}

}  // namespace
}  // namespace recon::similarity
