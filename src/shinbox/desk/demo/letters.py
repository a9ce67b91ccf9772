"""The texts of the demo's conversations.

Owns words only: each `Talk` is a subject and its turns, alternating between a customer and us. Names,
products and order numbers are filled in by corpus.py. Everything here is invented.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class Talk:
    """A conversation: `turns[0]` is the customer's, `turns[1]` ours, and so on."""

    subject: str
    turns: tuple[str, ...]


SUPPORT: Final = (
    Talk(
        "Order {order}: one shade arrived cracked",
        (
            "Hello,\n\nmy order {order} came this morning. The {product} itself is lovely, but one of the two"
            " glass shades has a crack from rim to base. The carton was fine, so I think it was packed that"
            " way.\n\nCan you send a replacement shade, or should I return everything?\n\nThanks\n{first}",
            "Dear {first},\n\nI am sorry about that. No need to return anything: a new shade for your"
            " {product} goes out tomorrow, free of charge. You can recycle the cracked one.\n\nYou will"
            " get the tracking number as soon as the parcel is handed over.",
            "That was quick, thank you! I'll wait for the parcel.\n\n{first}",
        ),
    ),
    Talk(
        "Invoice for {order} shows the wrong company name",
        (
            "Good morning,\n\nthe invoice for {order} is made out to our old name. We are"
            ' "{company} Ltd" since January. Could you correct it? Our accounts department will not'
            " pay it otherwise.\n\nKind regards\n{name}\n{company}",
            "Dear {first},\n\nthe corrected invoice is on its way to you as a separate message; please"
            " ignore the first one. We changed the name in your customer record as well.",
        ),
    ),
    Talk(
        "{product} flickers when dimmed",
        (
            "Hi,\n\nsince last week my {product} flickers as soon as I dim it below half. Full brightness is"
            " fine. I tried another bulb, same thing. Is it the dimmer?\n\n{first}",
            "Hello {first},\n\nthis is nearly always the minimum load of the dimmer. Which dimmer is it? There"
            " is a small number on the inside of the cover plate. With an LED dimmer rated for 3-100 W the"
            " lamp dims down to 5 %.",
            "It says 60-400W on the plate. So that is it then?",
            "Yes: the lamp draws 9 W, far below the 60 W that this dimmer needs. Any LED dimmer will do;"
            " we like the ones with an adjustable minimum.",
        ),
    ),
    Talk(
        "Where is my parcel? {order}",
        (
            'Tracking has said "handed over to carrier" for six days. Could you look into it?\n\n{name}',
            "Dear {first},\n\nI asked the carrier: the parcel sits in their depot because the house number was"
            " missing on the label. They deliver tomorrow before noon. I am sorry for the wait.",
        ),
    ),
    Talk(
        "Spare switch for the {product}",
        (
            "Dear team,\n\nthe foot switch of our {product} gave up after eleven years. Do you still"
            " sell that part? It has three terminals and the number 4471 moulded into it.\n\n{name}",
        ),
    ),
    Talk(
        "Return of {order}",
        (
            "Hello,\n\nI would like to return the {product} from order {order}. It is simply too large for"
            " the hall. It was never switched on. How do I do that?\n\n{first} {last}",
            "Hello {first},\n\nno problem at all. Please use the attached label within 30 days; the refund"
            " is on your account two or three days after we have the lamp back.",
            "Parcel dropped off today. Thank you for making this easy.",
        ),
    ),
    Talk(
        "Is the {product} safe in a bathroom?",
        (
            "Hi there, the data sheet says IP20 for the {product} but a friend has it above her washbasin."
            " Is there a version for bathrooms?\n\n{first}",
            "Hello {first},\n\nplease don't: IP20 has no protection against water. The model with the suffix"
            " -B is IP44 and looks the same; above a washbasin (zone 2) that is what you need.",
        ),
    ),
    Talk(
        "Wrong colour delivered ({order})",
        ("I ordered the {product} in sage green and got mustard. It is a nice mustard, but no.\n\n{name}",),
    ),
    Talk(
        "Question about the warranty of my {product}",
        (
            "Dear support,\n\nI bought a {product} second hand. Is the five-year warranty bound to the first"
            " owner? I have the original receipt.\n\nRegards,\n{name}",
            "Dear {first},\n\nthe warranty belongs to the lamp, not to the owner. With the receipt you are"
            " covered until the date on it plus five years.",
        ),
    ),
    Talk(
        "Cannot log in to the shop",
        (
            "The password reset mail never arrives. I looked in spam. My address is the one I am writing from."
            "\n\n{first}",
            "Hello {first},\n\nyour account had a typing error in the address. I corrected it; the reset link"
            " should be with you now. It works for one hour.",
            "Works. Thanks!",
        ),
    ),
    Talk(
        "Assembly: two screws left over",
        (
            "I have finished the {product} and there are two M4 screws left. Should I be worried? It hangs over"
            " the dining table...\n\n{first}",
            "Dear {first},\n\ndon't worry: we pack two spare M4 screws with every {product}. If the canopy does"
            " not move when you pull the cable gently, everything is where it should be.",
        ),
    ),
    Talk(
        "Energy label for the {product}?",
        (
            "For our building project we need the energy label and the EPREL number of the {product}."
            " We need them by Friday, if possible.\n\n{name}\n{company}",
        ),
    ),
)

SALES: Final = (
    Talk(
        "Request for quotation: 40 × {product}",
        (
            "Dear Sir or Madam,\n\nfor a hotel in the old town we need 40 pieces of the {product}, delivered in"
            " two lots. Please quote including delivery and give us your lead time.\n\nYours sincerely\n{name}"
            "\n{company}",
            "Dear {first},\n\nthank you for asking us. 40 pieces are EUR 138.00 each, net, delivered free to"
            " site; the first lot leaves three weeks after your order. The offer holds for 30 days.",
            "Thank you. We will decide in Thursday's meeting and come back to you.\n\n{name}",
        ),
    ),
    Talk(
        "Trade account for {company}",
        (
            "Hello,\n\nwe are interior architects with a studio of six. Do you offer trade conditions, and can we"
            " borrow samples?\n\nBest\n{name}",
            "Hello {first},\n\nwe do. A trade account gives 25 % and samples for three weeks. Please send us"
            " a copy of your registration, that is all we need.",
        ),
    ),
    Talk(
        "Can the {product} be made in brass?",
        (
            "Our client fell in love with the {product} but wants unlacquered brass. Twelve pieces."
            " Is that something you do?\n\n{name}, {company}",
        ),
    ),
    Talk(
        "Purchase order {order}",
        (
            "Please find our order attached. Kindly confirm the delivery date.\n\n{name}\nPurchasing, {company}",
            "Dear {first},\n\nthank you for your order {order}. Delivery is confirmed for the 14th; you will"
            " get the shipping papers the day before.",
        ),
    ),
    Talk(
        "Distribution in Portugal",
        (
            "Dear team,\n\nwe represent four lighting brands in Porto and Lisbon and see room for yours. Would you"
            " have half an hour next week for a call?\n\nCom os melhores cumprimentos\n{name}",
            "Dear {first},\n\nwith pleasure. Tuesday at 10:00 your time would suit us. I'll send an invitation.",
        ),
    ),
    Talk(
        "Lead time of the {product}",
        ("Quick one: if we order 8 today, when are they here? Site opening is on the 2nd.\n\n{first}",),
    ),
)

HR: Final = (
    Talk(
        "Application: warehouse lead",
        (
            "Dear Ms Lindqvist,\n\nI read your notice for a warehouse lead with great interest. I have run the"
            " night shift of a parts warehouse for four years. My CV is attached.\n\nKind regards\n{name}",
            "Dear {first},\n\nthank you for your application. We'd like to meet you: would Wednesday at 15:00"
            " suit you?",
            "Wednesday at three is perfect. See you then!\n\n{first}",
        ),
    ),
    Talk(
        "Parental leave from March",
        (
            "Hi,\n\nas discussed, here is the written notice for my parental leave, from 1 March for seven months."
            " Do you need anything else from me?\n\n{first}",
            "Hi {first},\n\nthat is all we need, and congratulations! The confirmation is in your mailbox at"
            " home by the end of the week.",
        ),
    ),
    Talk(
        "Question about my payslip",
        (
            "Hello,\n\nmy October payslip shows two days of unpaid leave, but I was at the trade fair on those"
            " days. Could you check?\n\n{name}",
        ),
    ),
    Talk(
        "Internship in the design studio",
        (
            "Dear all,\n\nI study industrial design in my fifth term and would love to spend the spring with"
            " you. My portfolio is attached (8 pages).\n\n{name}",
        ),
    ),
)

FOREIGN: Final = (
    ("Jürgen Schröder", "j.schroeder@post.example", "Lampe «Fjell» brummt – was tun?",
     "Guten Tag,\n\nunsere Stehleuchte brummt seit gestern deutlich hörbar. Ein anderes Leuchtmittel hat"
     " nichts geändert. Ist das ein Fall für die Gewährleistung?\n\nMit freundlichen Grüßen\nJürgen Schröder"),
    ("Élodie Béranger", "elodie@courrier.example", "Délai de livraison à l’étage ?",
     "Bonjour,\n\nest-il possible d'être livrée au troisième étage (sans ascenseur) ? Je suis disponible"
     " le matin.\n\nBien cordialement,\nÉlodie Béranger"),
    ("Ana Núñez", "ana.nunez@correo.example", "¿Tienen repuesto de la pantalla pequeña?",
     "Buenos días:\n\nSe me ha caído la pantalla pequeña de la lámpara. ¿Puedo comprar sólo esa pieza?"
     "\n\nGracias y un saludo,\nAna Núñez"),
    ("Łukasz Żółkiewski", "lukasz@poczta.example", "Zamówienie – brak śrub w paczce",
     "Dzień dobry,\n\nw paczce zabrakło czterech śrub mocujących. Czy mogą Państwo je dosłać?"
     "\n\nPozdrawiam\nŁukasz Żółkiewski"),
    ("田中 美咲", "misaki@yubin.example", "ペンダントライトの取り付けについて",
     "お世話になっております。\n\n先日購入したペンダントライトですが、引掛シーリングに取り付けできますか。"
     "説明書には記載がありませんでした。\n\nよろしくお願いいたします。\n田中"),
    ("李小龙", "xiaolong@youjian.example", "询价：餐厅吊灯二十套",
     "您好：\n\n我们正在装修一家餐厅，需要二十套吊灯。请报价，并告知交货期。\n\n谢谢！\n李小龙"),
    ("김하늘", "haneul@pyeonji.example", "교환 문의드립니다",
     "안녕하세요.\n\n색상이 생각과 달라서 교환하고 싶습니다. 포장은 뜯지 않았습니다.\n\n감사합니다.\n김하늘 드림"),
    ("Ирина Соколова", "irina@pochta.example", "Не работает выключатель",
     "Здравствуйте!\n\nПосле трёх недель перестал работать выключатель на шнуре. Лампа новая. Подскажите,"
     " пожалуйста, как обменять?\n\nС уважением,\nИрина Соколова"),
    ("Ελένη Παπαδοπούλου", "eleni@tachydromeio.example", "Ερώτηση για το χρώμα",
     "Καλησπέρα σας,\n\nτο «φασκόμηλο» είναι πιο κοντά στο πράσινο ή στο γκρι; Μπορείτε να μου στείλετε"
     " δείγμα;\n\nΕυχαριστώ,\nΕλένη"),
    ("أحمد الحسن", "ahmad@barid.example", "استفسار عن الضمان",
     "السلام عليكم،\n\nاشتريت مصباحا من متجركم قبل سنة وتوقف عن العمل. هل يشمله الضمان؟ رقم الطلب 48213."
     "\n\nمع الشكر\nأحمد الحسن"),
    ("נועה כהן", "noa@doar.example", "שאלה לגבי משלוח",
     "שלום,\n\nהאם אתם שולחים לישראל? ומה עלות המשלוח עבור שתי מנורות?\n\nתודה,\nנועה"),
    ("सुनीता शर्मा", "sunita@dak.example", "बल्ब के बारे में प्रश्न",
     "नमस्ते,\n\nक्या इस लैंप में भारत में मिलने वाला E27 बल्ब लगेगा?\n\nधन्यवाद\nसुनीता शर्मा"),
    ("Gülşah Çağlar", "gulsah@posta.example", "Fatura bilgisi",
     "Merhaba,\n\nfaturada vergi numaramız eksik. Düzeltip yeniden gönderebilir misiniz?"
     "\n\nİyi çalışmalar\nGülşah Çağlar"),
    ("สมชาย ใจดี", "somchai@praisani.example", "สอบถามการจัดส่ง",
     "สวัสดีครับ\n\nส่งมาที่กรุงเทพฯ ใช้เวลากี่วันครับ\n\nขอบคุณครับ\nสมชาย"),
    ("Björk Ásgeirsdóttir", "bjork@postur.example", "Ljósið 💡 er komið!",
     "Halló!\n\nLampinn er kominn og hann er frábær 🎉 Takk fyrir!\n\nBjörk 👩🏽‍🔧"),
)  # fmt: skip

PRODUCTS: Final = (
    "Fjell floor lamp", "Bris pendant", "Kvist desk lamp", "Havn wall light", "Sol table lamp",
    "Dis ceiling light", "Glød reading lamp", "Strand lantern",
)  # fmt: skip

FIRST: Final = (
    "Anna", "Ben", "Clara", "David", "Emma", "Felix", "Grace", "Henry", "Ines", "Jonas", "Karin", "Leo",
    "Marta", "Niels", "Olivia", "Paul", "Rosa", "Samir", "Tessa", "Umar", "Vera", "Wanda", "Yusuf", "Zoe",
)  # fmt: skip

LAST: Final = (
    "Adeyemi", "Berg", "Castillo", "Dubois", "Eriksen", "Fischer", "Gallo", "Horváth", "Ivanova", "Jansen",
    "Kowalska", "Larsen", "Moreau", "Novak", "O'Brien", "Petrov", "Quist", "Rossi", "Silva", "Tanaka",
    "Ueda", "Vogel", "Walsh", "Yıldız",
)  # fmt: skip

COMPANIES: Final = (
    "Hotel Weisses Kreuz", "Studio Ambra", "Brightwater Offices", "Café Lumen", "Okapi Interiors",
    "Norrland Bygg", "Casa Verde", "Pixel & Oak", "The Reading Room", "Atelier Nord",
)  # fmt: skip
