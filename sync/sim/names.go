package sim

import "strings"

// The word lists of the district. Every name is put together from them; no real person is meant. "Zoë|Zoe" gives the form that an email
// address takes where it is not the name itself.
var (
	firstNames = words(`Aaliyah Abdul Abigail Adaeze Aiden Aisha Alejandro Alexander Amara Amelia Amina Amir Ana Andrew Anika Anthony Arjun
Ava Ayana Beatriz Benjamin Bianca Brandon Brianna Caleb Camila Carlos Caroline Catherine Charles Chidi Chloé|Chloe Christopher Daniel
David Deepa Diego Dmitri Dominic Edward Elena Eli Elizabeth Emeka Emily Emma Ethan Eun-ji Fatima Felix Fernanda Finn Gabriel Giulia
Grace Hana Hannah Haruto Hassan Henry Imani Ingrid Isaac Isabella Ivan Jacob Jamal James Jasmine Jayden Jennifer Jin Joaquín|Joaquin
Joseph José|Jose Joshua Juan Julia Kai Katherine Kavya Keisha Kenji Khadija Kofi Kwame Laila Layla Leila Liam Linh Lucas Lucía|Lucia
Luis Luna Madison Malik Margaret Maria Mateo Matthew Maya Mei Mia Michael Mikaela Min-jun Mohammed Nadia Naomi Natalia Nathan Ngozi
Niamh Nicholas Nikolai Noah Noor Nova Oliver Olivia Omar Oscar Patricia Pedro Penelope Priya Quinn Rahul Rania Rebecca Ricardo Riley
Robert Rohan Rosa Ryan Saanvi Samuel Sana Santiago Sara Sebastian Seo-yeon Sofía|Sofia Sophia Søren|Soren Stephanie Sunita Tariq Thabo
Thomas Tomás|Tomas Tyler Uma Valentina Victoria Viktor Wei William Xavier Ximena Yara Yuki Yusuf Zahra Zainab Zoë|Zoe`)

	lastNames = words(`Abara Abebe Adams Adeyemi Aguilar Ahmed Ali Álvarez|Alvarez Anderson Andersson Ansah Bailey Baker Banerjee Barnes
Bautista Begay Bell Bennett Björk|Bjork Boateng Brooks Brown Bui Campbell Carter Castillo Chaudhary Chavez Chen Cho Choi Chowdhury
Clark Cohen Coleman Collins Cooper Costa Cruz Da&Silva|dasilva Davis De&la&Cruz|delacruz Delgado Diallo Diaz Do Dubois Edwards El-Amin
Eriksen Espinoza Evans Farah Fernandes Fischer Flores Foster García|Garcia Gómez|Gomez González|Gonzalez Gray Green Griffin Guerrero
Gupta Gutiérrez|Gutierrez Hall Hansen Harris Hassan Henderson Hernández|Hernandez Herrera Hill Hoang Hoffmann Howard Huang Hughes
Hussein Ibrahim Iyer Jackson James Jansen Jenkins Jiménez|Jimenez Johnson Jones Joshi Kamara Kaur Kelly Khan Kim King Kone Kowalski
Kumar Kuznetsov Le Lee Lewis Li Lin Liu Long Lopez Lowe Ma Mahmoud Malik Martin Martínez|Martinez Mbeki McCarthy Medina Mehta Mendoza
Mensah Mendes Miller Mitchell Mohamed Moore Morales Moreau Morgan Morris Müller|Muller Murphy Murray Nakamura Nelson Nguyễn|Nguyen
Novak Núñez|Nunez Nwosu O'Brien|obrien O'Connor|oconnor Okafor Okeke Oliveira Ortiz Osei Owens Park Parker Patel Peña|Pena Pereira
Perez Perry Peterson Petrov Pham Phillips Powell Price Ramirez Ramos Reddy Reed Reyes Richardson Rivera Roberts Robinson Rodríguez|Rodriguez
Rogers Romero Rossi Ruiz Russell Sánchez|Sanchez Sato Schmidt Scott Sharma Silva Simmons Singh Smith Sokolov Soto Stewart Suárez|Suarez
Sullivan Suzuki Tanaka Taylor Tesfaye Thompson Torres Tran Turner Vargas Vásquez|Vasquez Venkataraman Wagner Walker Wang Ward
Washington Watanabe Watson White Williams Wilson Wood Wright Wu Yamamoto Yang Yazzie Yilmaz Young Zhang Zhao Żukowski|Zukowski`)

	// nicknames: what the office that keeps Microsoft calls some of them.
	nicknames = map[string]string{"Robert": "Bob", "William": "Bill", "Elizabeth": "Liz", "Katherine": "Kate", "Catherine": "Cathy",
		"Michael": "Mike", "Christopher": "Chris", "Benjamin": "Ben", "Alexander": "Alex", "Jennifer": "Jen", "Margaret": "Peggy",
		"Edward": "Ted", "Patricia": "Trish", "Matthew": "Matt", "Joshua": "Josh", "Stephanie": "Steph", "Alejandro": "Alex",
		"Samuel": "Sam", "Rebecca": "Becca", "Thomas": "Tom", "Charles": "Charlie", "Anthony": "Tony", "Victoria": "Vicky"}

	schoolFirst = words(`Alder Birch Cedar Dogwood Elm Fir Granite Harvest Indian&Creek Juniper Kestrel Lake Maple Needle North Oak Prairie
Quarry River Sage Timber Union Valley Willow Aspen Bluff Canyon Desert Eagle Fern Garden Heron`)
	schoolSecond = words(`Ridge Creek Hill Grove Park View Hollow Bend Meadow Point Springs Crossing Glen Field Heights Brook Falls Mesa
Terrace Landing Run Trail Shore Bridge Forest`)

	subjects = words(`English Mathematics Science Social&Studies World&Languages Art Music Physical&Education Special&Education Library
Counseling Computer&Science`)
)

type word struct{ text, ascii string }

// words splits a list; & stands for a space within a word, | comes before its form in an address.
func words(list string) []word {
	var out []word
	for _, w := range strings.Fields(list) {
		text, ascii, folded := strings.Cut(w, "|")
		text = strings.ReplaceAll(text, "&", " ")
		if !folded {
			ascii = text
		}
		out = append(out, word{text, strings.ToLower(ascii)})
	}
	return out
}

// model is a Chromebook model: the facts that do not differ from one device to the next.
type model struct {
	name     string
	aue      string // first day without updates
	board    string
	firmware string
	serial   string // # a digit, @ a letter or digit, the rest as it stands
	released int    // year
	ram      int64  // bytes
	disk     int64  // bytes
}

const gib = 1 << 30

var models = []model{
	{"HP Chromebook 11 G9 EE", "2029-06-01", "magolor", "Google_Magolor.13606.459.0", "5CD#####@@", 2021, 4 * gib, 31268536320},
	{"HP Fortis 11 inch G10 Chromebook", "2031-06-01", "nivviks", "Google_Nissa.15217.246.0", "5CG#####@@", 2023, 8 * gib, 62537072640},
	{"Lenovo 300e Chromebook Gen 3", "2029-06-01", "treeya360", "Google_Treeya.13577.362.0", "YX0@@@@@", 2021, 4 * gib, 31268536320},
	{"Lenovo 500e Yoga Chromebook Gen 4", "2032-06-01", "yavikso", "Google_Nissa.15217.519.0", "PF@@@@@@", 2023, 8 * gib, 62537072640},
	{"Acer Chromebook 311 (C733)", "2027-06-01", "bobba", "Google_Octopus.11297.338.0", "NXH8VAA###############", 2019, 4 * gib, 31268536320},
	{"Acer Chromebook Spin 512 (R853TA)", "2030-06-01", "magister", "Google_Magister.13606.459.0", "NXA91AA###############", 2021, 8 * gib, 31268536320},
	{"Dell Chromebook 3110", "2032-06-01", "cret", "Google_Cret.13606.459.0", "@@@@@#3", 2022, 4 * gib, 62537072640},
	{"Dell Chromebook 3100 2-in-1", "2026-06-01", "grabbiter360", "Google_Octopus.11297.338.0", "@@@@@#2", 2019, 4 * gib, 31268536320},
	{"ASUS Chromebook CR1 (CR1100CKA)", "2031-06-01", "galtic", "Google_Galtic.13606.517.0", "M#NXCV######@@@", 2021, 4 * gib, 31268536320},
	{"Samsung Chromebook 4", "2028-06-01", "bluebird", "Google_Casta.11297.386.0", "0N#M9FC@@#####@", 2019, 4 * gib, 31268536320},
	{"CTL Chromebook NL72", "2030-06-01", "pirika", "Google_Pirika.13606.459.0", "NL72TW#######", 2022, 8 * gib, 62537072640},
}
